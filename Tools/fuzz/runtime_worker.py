"""Runs made-up programs, each in a fork of this process, and writes how it ended: "worker.py PROGRAMS RESULTS SECONDS".

PROGRAMS is a JSON list of sources; RESULTS gets one JSON list for each: the exit status of the child (negative: a signal) and what it wrote.
The names below are what programs see. Nothing here prints what depends on addresses, on hashes of strs or on the order of sets.
"""
import builtins, collections, copy, functools, gc, io, itertools, json, operator, os, pickle, re, resource, signal, struct, sys, tempfile, types
import weakref

LIMIT = 64 << 10
ADDRESS = re.compile(r"0x[0-9a-f]+")
target = None
position = 0
budget = 200
script = []
depth = 0


def write(line):
    os.write(target, line.encode("utf-8", "backslashreplace") + b"\n")


def name_of(cls):
    return type.__dict__["__name__"].__get__(cls)


def show(x, level=0):
    """A text for `x` that runs no code of the program."""
    cls = type(x)
    if x is None or cls is bool or x is Ellipsis or x is NotImplemented:
        return repr(x)
    if cls is int:
        return str(x) if -10**30 < x < 10**30 else f"int of {x.bit_length()} bits, {x & 0xFFFFFFFF}"
    if cls in (float, complex, range):
        return repr(x)
    if cls is str:
        x = ADDRESS.sub("0x", x)
    if cls in (str, bytes, bytearray):
        return repr(x[:100]) + (f" and {len(x) - 100}" if len(x) > 100 else "")
    if cls in (list, tuple, collections.deque):
        if level > 2:
            return f"{cls.__name__} of {len(x)}"
        return f"{cls.__name__} of {len(x)}: " + ", ".join([show(y, level + 1) for y in itertools.islice(x, 20)])
    if cls in (set, frozenset):
        return f"{cls.__name__} of {len(x)}: " + (", ".join(sorted([show(y, level + 1) for y in x])[:20]) if level <= 2 else "")
    if cls in (dict, collections.OrderedDict, collections.defaultdict):
        if level > 2:
            return f"{cls.__name__} of {len(x)}"
        items = [show(k, level + 1) + "=" + show(v, level + 1) for k, v in itertools.islice(dict.items(x), 20)]
        return f"{cls.__name__} of {len(x)}: " + ", ".join(items)
    if cls is slice:
        return f"slice {show(x.start, level + 1)} {show(x.stop, level + 1)} {show(x.step, level + 1)}"
    if cls is type:
        return f"class {name_of(x)}"
    if issubclass(cls, BaseException) and cls.__module__ == "builtins":
        return f"{cls.__name__}({show(x.args, level + 1)})"
    # CPython has a type of its own for iterators over ASCII strs.
    return f"<{name_of(cls)}>".replace("str_ascii_", "str_")


def said(error):
    """The message of an exception of a builtin class."""
    cls = type(error)
    if cls.__module__ != "builtins":
        return f"{name_of(cls)}"
    try:
        return f"{cls.__name__}: " + ADDRESS.sub("0x", str(error))[:300]
    except BaseException as inner:
        return f"{cls.__name__} without a message: {type(inner).__name__}"


def step(number, f):
    """Runs one step, says what came of it, and answers the value."""
    global depth
    depth = 0
    try:
        value = f()
        write(f"{number} {show(value)}")
        return value
    except BaseException as error:
        write(f"{number} ! {said(error)}")
    return None


def act():
    """What odd objects do when they are asked: the next mutation of the program's script."""
    global position, budget, depth
    if budget <= 0 or not script or depth > 3:
        return
    budget -= 1
    depth += 1
    position += 1
    try:
        script[position % len(script)]()
    finally:
        depth -= 1


def drain(iterable, count=50):
    """Some of the items, with a mutation between each two."""
    items = []
    for item in iterable:
        items.append(item)
        if len(items) >= count:
            break
        act()
    return items


SPECIAL = """eq ne lt gt le ge hash index int float len bool iter next getitem setitem delitem contains call repr str format add radd iadd mul rmul imul sub
rsub mod rmod and rand or ror xor lshift rshift neg invert abs enter exit get set delete set_name length_hint reversed bytes complex round trunc
instancecheck subclasscheck missing divmod pow floordiv truediv matmul getattr setattr delattr fspath copy deepcopy reduce_ex mro_entries
class_getitem buffer await aiter anext""".split()


def special(name, answer):
    def method(self, *args, **keywords):
        act()
        if isinstance(answer, type) and issubclass(answer, BaseException):
            raise answer("asked")
        if answer is SELF:
            return self
        if answer is FIRST:
            return args[0] if args else self
        if answer is DEFAULT:
            return getattr(super(type(self), self), f"__{name}__")(*args, **keywords)
        return answer
    method.__name__ = f"__{name}__"
    return method


class SELF:
    pass


class FIRST:
    pass


class DEFAULT:
    pass


def odd(base=object, *initial, **answers):
    """An instance of a class whose special methods mutate things, then answer as told (an exception class: raise it)."""
    body = {sys.intern(f"__{name}__") if name in SPECIAL else name: special(name, answer) for name, answer in answers.items()}
    return type("Odd" + base.__name__.capitalize(), (base,), body)(*initial)


def lazily(*values):
    for value in values:
        act()
        yield value


def echo(first=None, *rest, **keywords):
    act()
    return first


def failing(*args, **keywords):
    act()
    raise ValueError("failing")


def run(source):
    names = {n: globals()[n] for n in (
        "step act drain odd lazily echo failing script collections copy functools gc io itertools operator pickle re struct sys types weakref "
        "SELF FIRST DEFAULT builtins").split()}
    try:
        exec(compile(source, "program", "exec"), names)
    except BaseException as error:
        write(f"end ! {said(error)}")
    gc.collect()
    write("end")


def main():
    global target
    programs, results, seconds = json.load(open(sys.argv[1])), open(sys.argv[2], "w", buffering=1), int(sys.argv[3])
    sys.setrecursionlimit(600)
    sys.unraisablehook = lambda problem: None
    devnull = os.open(os.devnull, os.O_RDWR)
    for source in programs:
        with tempfile.TemporaryFile() as log:
            child = os.fork()
            if child == 0:
                try:
                    target = log.fileno()
                    os.dup2(devnull, 0)
                    os.dup2(devnull, 1)
                    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
                    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
                    signal.alarm(seconds * 30)
                    run(source)
                finally:
                    os._exit(0)
            _, status = os.waitpid(child, 0)
            log.seek(0)
            results.write(json.dumps([os.waitstatus_to_exitcode(status), log.read(LIMIT).decode("utf-8", "replace")]) + "\n")


main()
