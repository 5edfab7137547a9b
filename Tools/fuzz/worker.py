"""Answers compilation requests; runs under the interpreter that is asked and under CPython alike.

A message is four bytes of length and a marshalled list. A request is (source, filename, mode, flags, optimize, strict); with `strict`
warnings are errors, so that their columns are seen too. An answer is (outcome, warnings); an outcome is the marshalled code, or a tuple
of the exception's type, message and, for syntax errors, the four numbers of its place and its line.
"""
import marshal
import sys
import warnings


def outcome(source, filename, mode, flags, optimize):
    try:
        return marshal.dumps(compile(source, filename, mode, flags, True, optimize))
    except SyntaxError as e:
        return (type(e).__name__, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, e.text)
    except Exception as e:
        return (type(e).__name__, str(e))


def main():
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    with warnings.catch_warnings(record=True) as caught:
        while True:
            header = requests.read(4)
            if len(header) < 4:
                return
            replies = []
            for source, filename, mode, flags, optimize, strict in marshal.loads(requests.read(int.from_bytes(header, "little"))):
                warnings.simplefilter("error" if strict else "always")
                result = outcome(source, filename, mode, flags, optimize)
                replies.append((result, [(w.category.__name__, str(w.message), w.filename, w.lineno) for w in caught]))
                caught.clear()
            data = marshal.dumps(replies)
            answers.write(len(data).to_bytes(4, "little") + data)
            answers.flush()


main()
