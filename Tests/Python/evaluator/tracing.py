# What trace and profile functions are told.
import sys


def show(f, event, argument):
    if f.f_code.co_filename != __file__:
        return None  # a callback of the library's, which runs when the collector has found something dead
    if isinstance(argument, tuple):
        argument = argument[0].__name__, str(argument[1])
    if not isinstance(argument, (int, list, str, tuple, type(None))):
        argument = type(argument).__name__
    print(f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno, event, argument if event in ("return", "exception") else "")
    return show


def traced(function, *args, trace=show):
    print("---", function.__name__)
    sys.settrace(trace)
    try:
        function(*args)
    except ZeroDivisionError as e:
        print("out came", e)
    finally:
        sys.settrace(None)


def numbers(n):
    for i in range(n):
        yield i
    return "done"


def outer(n):
    result = yield from numbers(n)
    yield result


def loops():
    total = 0
    for i in numbers(2):
        total += i
    while total < 3:
        total += 1
    return [x for x in (1, 2)]


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


def handlers():
    try:
        1 / 0
    except ZeroDivisionError:
        pass
    finally:
        done = True
    with Manager() as f:
        pass
    return done


def failing():
    try:
        1 / 0
    finally:
        x = 1


def delegation():
    list(outer(1))


traced(loops)
traced(handlers)
traced(failing)
traced(delegation)


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if not self.n:
            raise StopIteration
        self.n -= 1
        return self.n


def iteration():
    for i in Countdown(1):
        pass


traced(iteration)


# Opcode events, and a trace function that stops listening.
def few(f, event, argument):
    f.f_trace_lines = False
    f.f_trace_opcodes = True
    if event == "opcode":
        counted.append(f.f_lasti)
    return few


counted = []
traced(lambda: (1, counted)[0], trace=few)
print(len(counted) > 2, counted == sorted(counted))


# An exception in a trace function ends tracing and is raised where the program stands.
def broken(f, event, argument):
    if event == "line":
        raise ZeroDivisionError("in the trace function")
    return broken


traced(loops, trace=broken)
print(sys.gettrace())


# Variables changed through f_locals.
def change(f, event, argument):
    if event == "line" and f.f_code.co_name == "variables":
        f.f_locals["a"] = f.f_locals.get("a", 0) + 10
    return change


def variables():
    a = 1
    b = a
    return a, b


sys.settrace(change)
answer = variables()
sys.settrace(None)
print(answer)


# Jumps.
def jumper(source, target):
    def trace(f, event, argument):
        if event == "line" and f.f_lineno - f.f_code.co_firstlineno == source and not done:
            done.append(1)
            try:
                f.f_lineno = f.f_code.co_firstlineno + target
            except ValueError as e:
                print(e)
        return trace

    done = []
    return trace


def steps():
    print(1)
    print(2)
    for i in range(2):
        print(3, i)
    try:
        print(5)
    except ValueError:
        print("never")
    print(9)


for source, target in (1, 2), (2, 9), (4, 9), (2, 4), (2, 8), (1, 100), (2, -5), (9, 1):
    print("jump", source, target)
    sys.settrace(jumper(source, target))
    steps()
    sys.settrace(None)
try:
    sys._getframe().f_lineno = 1
except ValueError as e:
    print(e)


# Profiling: native calls too.
def note(f, event, argument):
    if event.startswith("c_"):
        argument = argument.__name__
    events.append((f.f_code.co_name, event, argument if isinstance(argument, (str, int)) else ""))


def work():
    len([1])
    [3, 1].sort()
    max(*(1, 2))
    try:
        len(5)
    except TypeError:
        pass
    return sum(numbers(2))


events = []
sys.setprofile(note)
work()
sys.setprofile(None)
print(*events, sep="\n")


# A frame that began before tracing did.
def late():
    sys.settrace(show)
    sys._getframe().f_trace = show
    x = 1
    for i in range(2):
        x += i
    sys.settrace(None)
    return x


print(late())


def started_before():
    g = numbers(2)
    next(g)
    sys.settrace(show)
    next(g)
    sys.settrace(None)


started_before()


# Jumps that are refused say why, the first place on the line deciding.
def jumps(log):
    log.append(2)
    for i in range(1):
        with Within():
            log.append(5)
    try:
        log.append(7)
    except ValueError as e:
        log.append(9)
    return log


class Within:
    def __enter__(self):
        pass

    def __exit__(self, *args):
        pass


def jump_to(line):
    first = jumps.__code__.co_firstlineno - 1
    answers = []

    def tracer(frame, event, arg):
        if frame.f_code is not jumps.__code__:
            return None
        if event == "line" and frame.f_lineno == first + 2 and not answers:
            answers.append("jumped")
            try:
                frame.f_lineno = line if not isinstance(line, int) or line > 1000 else first + line
            except Exception as e:
                answers[0] = f"{type(e).__name__}: {e}".replace(str(line), "LINE")
        return tracer

    log = []
    sys.settrace(tracer)
    try:
        jumps(log)
    finally:
        sys.settrace(None)
    return answers, log


for line in (*range(2, 11), 2**31, 2**40, 2**70, "x", 1.5, None):
    print(line, *jump_to(line))
