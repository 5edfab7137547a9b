"""What open(), os and compile() say of a path object whose __fspath__ answers something else, and of objects that are no paths."""
import collections
import os


class Path:
    def __init__(self, answer):
        self.answer = answer

    def __fspath__(self):
        return self.answer


def attempt(name, function):
    try:
        print(name, function())
    except Exception as e:
        print(name, type(e).__name__, e)


for path in (Path("/dev/null"), Path(b"/dev/null"), Path(5), Path(collections.deque()), collections.deque(), None, 1.5):
    print(type(path).__name__, getattr(path, "answer", ""))
    attempt("open", lambda: open(path).read())
    attempt("stat", lambda: os.stat(path).st_size)
    attempt("listdir", lambda: os.listdir(path)[:0])
    attempt("readlink", lambda: os.readlink(path))
    attempt("fspath", lambda: os.fspath(path))
    attempt("compile", lambda: compile("1", path, "eval").co_filename)
