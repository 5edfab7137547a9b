"""Runs one module of CPython's suite under regrtest and writes each method's outcome to a file, as it happens.

  INTERP conformance_child.py OUTCOMES MODULE [regrtest options]

Lines: "start", tab, id; then "ok", "FAIL", "ERROR", "skip", "xfail" or "xpass", tab, id, tab, the exception's last line.
An id that runs several times (classes made by a factory) carries "#2", "#3" ... in order. A class or module whose
setup fails gives one line "ERROR" with unittest's own id.
"""
import os
import sys

outcomes = None
owner = os.getpid()
seen = {}
current = {}


def write(outcome, test_id, reason=""):
    if os.getpid() == owner:  # a forked child is a part of its test, not a test
        os.write(outcomes, f"{outcome}\t{test_id}\t{reason}\n".encode("utf-8", "backslashreplace"))


def identity(test):
    try:
        return " ".join(test.id().split())
    except Exception:
        return " ".join(str(test).split())


def last_line(error):
    try:
        text = f"{error[0].__name__}: {error[1]}"
    except Exception as problem:
        text = f"{error[0]!r} without a text: {type(problem).__name__}"
    return " ".join(text.split())[:240]


class Recorder:
    """Replaces methods of regrtest's result class: records, then does what the method did."""

    def __init__(self, cls):
        def wrap(method, record):
            before = getattr(cls, method)

            def both(result, test, *rest):
                record(test, *rest)
                return before(result, test, *rest)
            setattr(cls, method, both)

        def start(test):
            key = identity(test)
            seen[key] = count = seen.get(key, 0) + 1
            current[id(test)] = key if count == 1 else f"{key}#{count}"
            write("start", current[id(test)])

        def named(test):
            test = getattr(test, "test_case", test)  # of a subtest
            return current.get(id(test)) or identity(test)

        wrap("startTest", start)
        wrap("stopTest", lambda test: current.pop(id(test), None))
        wrap("addSuccess", lambda test: write("ok", named(test)))
        wrap("addError", lambda test, error: write("ERROR", named(test), last_line(error)))
        wrap("addFailure", lambda test, error: write("FAIL", named(test), last_line(error)))
        wrap("addSkip", lambda test, reason: write("skip", named(test), " ".join(str(reason).split())[:240]))
        wrap("addExpectedFailure", lambda test, error: write("xfail", named(test)))
        wrap("addUnexpectedSuccess", lambda test: write("xpass", named(test)))
        wrap("addSubTest", lambda test, part, error: error and write("FAIL", named(test), last_line(error)))


def main():
    global outcomes
    outcomes = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC)
    name = sys.argv[2]
    sys.argv[1:] = sys.argv[3:]
    sys.path.pop(0)  # the folder of this file must not be importable from tests

    from test import support
    from test.libregrtest import main as regrtest
    from test.support.testresult import RegressionTestResult

    Recorder(RegressionTestResult)
    run_doctest = support.run_doctest

    def recorded_doctest(module, *rest, **options):
        test_id = f"doctest of {module.__name__}"
        write("start", test_id)
        try:
            answer = run_doctest(module, *rest, **options)
        except BaseException as error:
            write("FAIL", test_id, last_line((type(error), error)))
            raise
        write("ok", test_id)
        return answer

    support.run_doctest = recorded_doctest
    regrtest(tests=[name], verbose=True)


# Processes that multiprocessing starts anew import this file, too.
if __name__ == "__main__":
    main()
