# Structures many thousand levels deep: whatever walks them with native code ends in RecursionError or a result, never in a signal, on the
# main thread and on small stacks. CPython does not survive all of it. By hand: _deep_structures.py [-v] [-d 100000] [PART...]
import collections
import copy
import functools
import gc
import io
import itertools
import json
import operator
import pickle
import re
import sys
import threading
import types
import weakref

DEPTH = int(sys.argv[sys.argv.index("-d") + 1]) if "-d" in sys.argv else 2_000
VERBOSE = "-v" in sys.argv


def nested(wrap, depth=DEPTH, core=None):
    for _ in range(depth):
        core = wrap(core)
    return core


class Node:
    def __init__(self, next):
        self.next = next


class Equal:
    def __init__(self, other):
        self.other = other

    def __eq__(self, other):
        return self.other == other.other

    def __hash__(self):
        return hash(self.other)

    def __lt__(self, other):
        return self.other < other.other

    def __repr__(self):
        return f"<{self.other!r}>"

    def __bool__(self):
        return bool(self.other)

    def __len__(self):
        return len(self.other)

    def __getattr__(self, name):
        return getattr(self.other, name)

    def __call__(self, *args):
        return self.other(*args)

    def __iter__(self):
        return iter(self.other)

    def __add__(self, other):
        return self.other + other

    def __index__(self):
        return operator.index(self.other)

    def __contains__(self, item):
        return item in self.other

    def __format__(self, spec):
        return format(self.other, spec)

    def __str__(self):
        return str(self.other)

    def __getitem__(self, key):
        return self.other[key]

    def __instancecheck__(self, value):
        return isinstance(value, self.other)

    def __reduce__(self):
        return Equal, (self.other,)

    def __copy__(self):
        return copy.copy(self.other)

    def __next__(self):
        return next(self.other)


class MyList(list):
    pass


class MyDict(dict):
    pass


def generator(inner):
    yield from inner


async def waiting(inner):
    return await inner


class Base:
    def __init__(self, next):
        self.next = next

    def __del__(self):
        deleted.append(1)


deleted = []
outcomes = {}


def attempt(name, make):
    try:
        value = make()
        outcome = "done"
        del value
    except (RecursionError, MemoryError) as error:
        outcome = type(error).__name__
    except BaseException as error:
        outcome = type(error).__name__
    outcomes[name] = outcome
    if VERBOSE:
        print(name, outcome, flush=True)


def two(wrap, **names):
    return nested(wrap, **names), nested(wrap, **names)


def structures():
    containers = {
        "list": lambda x: [x],
        "tuple": lambda x: (x,),
        "dict": lambda x: {1: x},
        "frozenset": lambda x: frozenset([x]),
        "deque": lambda x: collections.deque([x]),
        "ordered": lambda x: collections.OrderedDict(a=x),
        "default": lambda x: collections.defaultdict(None, a=x),
        "mylist": lambda x: MyList([x]),
        "mydict": lambda x: MyDict(a=x),
        "node": Node,
        "equal": Equal,
        "partial": lambda x: functools.partial(print, x),
        "slice": lambda x: slice(x, x and None),
        "namespace": lambda x: types.SimpleNamespace(a=x),
        "proxy": lambda x: types.MappingProxyType({1: x}),
        "cell": lambda x: types.CellType(x),
        "method": lambda x: types.MethodType(print, x) if x is not None else print,
        "alias": lambda x: list[x],
        "chainmap": lambda x: collections.ChainMap({1: x}),
        "userlist": lambda x: collections.UserList([x]),
        "exception": lambda x: ValueError(x),
    }
    for name, wrap in containers.items():
        a, b = two(wrap)
        attempt(f"{name} repr", lambda: repr(a))
        attempt(f"{name} str", lambda: str(a))
        attempt(f"{name} ==", lambda: a == b)
        attempt(f"{name} <", lambda: a < b)
        attempt(f"{name} hash", lambda: hash(a))
        attempt(f"{name} deepcopy", lambda: copy.deepcopy(a))
        attempt(f"{name} json", lambda: json.dumps(a))
        attempt(f"{name} json py", lambda: json.dumps(a, indent=0, default=lambda x: x.__dict__))
        attempt(f"{name} pickle", lambda: pickle.dumps(a))
        attempt(f"{name} pickle py", lambda: pickle._dumps(a))
        attempt(f"{name} in", lambda: a in [b])
        attempt(f"{name} sorted", lambda: sorted([a, b, a]))
        attempt(f"{name} max", lambda: max(a, b))
        attempt(f"{name} format", lambda: f"{a} {a!r} %s %r" % (a, a))
        attempt(f"{name} print", lambda: print(a, file=io.StringIO()))
        attempt(f"{name} gc", lambda: gc.get_referrers(a))
        attempt(f"{name} marshal", lambda: __import__("marshal").dumps(a))
        attempt(f"{name} bool", lambda: bool(a))
        attempt(f"{name} key", lambda: {a: 1}[b])
        del a, b
    gc.collect()


def calls():
    e = nested(Equal, core=7)
    for name, function in {
        "len": len, "bool": bool, "iter": iter, "call": lambda x: x(), "next": next, "index": operator.index, "add": lambda x: x + 1,
        "in": lambda x: 1 in x, "getattr": lambda x: x.nothing, "item": lambda x: x[0], "copy": copy.copy, "isinstance": lambda x: isinstance(1, x),
        "format": format, "str": str, "sum": sum, "list": list, "dict": dict, "int": int, "chr": chr, "range": range, "hash": hash,
    }.items():
        attempt(f"equal {name}", lambda: function(e))
    del e
    types_ = nested(lambda x: (x,), core=int)
    attempt("isinstance tuple", lambda: isinstance(1.5, types_))
    attempt("issubclass tuple", lambda: issubclass(float, types_))
    attempt("startswith", lambda: "a".startswith(types_))
    attempt("except tuple", lambda: catch(types_))
    union = nested(lambda x: list[x] | int, depth=20_000, core=int)
    attempt("union repr", lambda: repr(union))
    attempt("union hash", lambda: hash(union))
    attempt("union ==", lambda: union == nested(lambda x: list[x] | int, depth=20_000, core=int))
    attempt("isinstance union", lambda: isinstance(1.5, union))
    del union
    partial = nested(lambda f: functools.partial(f), core=print)
    attempt("partial flat", lambda: partial)

    def wrapped(f):
        p = functools.partial(print)
        p.__setstate__((f, (), {}, None))
        return p

    attempt("partial call", lambda: nested(wrapped, core=len)([]))
    attempt("cached call", lambda: nested(lambda f: functools.lru_cache(f), depth=20_000, core=len)("abc"))
    attempt("method call", lambda: nested(lambda f: types.MethodType(f, 1), core=lambda *a: len(a))())
    attempt("classmethod", lambda: nested(classmethod, core=len).__get__(None, int))
    attempt("staticmethod", lambda: nested(staticmethod, core=len)("abc"))
    attempt("attrgetter", lambda: operator.attrgetter(".".join(["next"] * 1000))(nested(Node)))
    attempt("wrapped", lambda: __import__("inspect").unwrap(nested(lambda f: functools.wraps(f)(lambda: 1), depth=2000, core=print)))
    attempt("singledispatch", lambda: nested(lambda f: functools.singledispatch(f), depth=5000, core=lambda x: x)(1))


def catch(types_):
    try:
        raise ValueError
    except types_:
        return 1


def iterators():
    wrappers = {
        "chain": lambda x: itertools.chain(x),
        "from_iterable": lambda x: itertools.chain.from_iterable([x]),
        "map": lambda x: map(int, x),
        "filter": lambda x: filter(None, x),
        "zip": lambda x: zip(x),
        "enumerate": lambda x: enumerate(x),
        "islice": lambda x: itertools.islice(x, 5),
        "takewhile": lambda x: itertools.takewhile(bool, x),
        "dropwhile": lambda x: itertools.dropwhile(bool, x),
        "accumulate": lambda x: itertools.accumulate(x),
        "starmap": lambda x: itertools.starmap(len, x),
        "cycle": lambda x: itertools.cycle(x),
        "compress": lambda x: itertools.compress(x, [1] * 5),
        "zip_longest": lambda x: itertools.zip_longest(x),
        "pairwise": lambda x: itertools.pairwise(x),
        "groupby": lambda x: itertools.groupby(x),
        "tee": lambda x: itertools.tee(x, 1)[0],
        "filterfalse": lambda x: itertools.filterfalse(bool, x),
        "generator": generator,
        "expression": lambda x: (y for y in x),
    }
    for name, wrap in wrappers.items():
        attempt(f"{name} next", lambda: next(nested(wrap, core=iter([1, 2, 3]))))
        if name != "cycle":
            attempt(f"{name} list", lambda: list(nested(wrap, core=iter([1, 2, 3]))))
        attempt(f"{name} copy", lambda: copy.copy(nested(wrap, core=iter([1, 2, 3]))))
        attempt(f"{name} hint", lambda: operator.length_hint(nested(wrap, core=iter([1, 2, 3]))))
        attempt(f"{name} reduce", lambda: pickle.dumps(nested(wrap, core=iter([1, 2, 3]))))

    def run():
        w = nested(waiting, core=waiting(future()))
        try:
            w.send(None)
        finally:
            w.close()

    attempt("await", run)


@types.coroutine
def future():
    yield 1


def compiling():
    for name, text in {
        "parens": "(" * DEPTH + ")" * DEPTH,
        "brackets": "[" * DEPTH + "]" * DEPTH,
        "braces": "{" * DEPTH,
        "minus": "-" * DEPTH + "1",
        "not": "not " * DEPTH + "1",
        "plus": "1" + "+1" * DEPTH,
        "power": "1" + "**1" * DEPTH,
        "attributes": "a" + ".a" * DEPTH,
        "calls": "a" + "()" * DEPTH,
        "items": "a" + "[0]" * DEPTH,
        "lambda": "lambda: " * DEPTH + "1",
        "conditional": "1 if 1 else " * DEPTH + "1",
        "f-string": "f'" + "{" * 200,
        "comparison": "1" + "<1" * DEPTH,
        "and": "1" + " and 1" * DEPTH,
        "await": "await " * DEPTH + "1",
        "nested calls": "f(" * DEPTH + ")" * DEPTH,
        "comprehension": "[x for x in " * 2000 + "y" + "]" * 2000,
    }.items():
        for mode in "eval", "exec":
            attempt(f"compile {name} {mode}", lambda: compile(text, "<deep>", mode))
        attempt(f"ast {name}", lambda: __import__("ast").parse(text))
        attempt(f"literal {name}", lambda: __import__("ast").literal_eval(text))
    attempt("compile blocks", lambda: compile("".join(" " * i + "if 1:\n" for i in range(150)) + " " * 150 + "pass", "<deep>", "exec"))
    attempt("compile elif", lambda: compile("if 1: pass\n" + "elif 1: pass\n" * 20_000, "<deep>", "exec"))
    attempt("compile with", lambda: compile("with a: " * 1 + "pass\n" + "for a in b:\n pass\n" * 1000, "<deep>", "exec"))
    import ast

    tree = ast.Constant(1)
    for _ in range(DEPTH):
        tree = ast.UnaryOp(ast.USub(), tree)
    tree = ast.fix_missing_locations(ast.Expression(ast.Constant(1)))
    deep = nested(lambda x: ast.UnaryOp(ast.USub(), x, lineno=1, col_offset=0), core=ast.Constant(1, lineno=1, col_offset=0))
    tree.body = deep
    attempt("compile tree", lambda: compile(tree, "<deep>", "eval"))
    attempt("dump tree", lambda: ast.dump(tree))
    attempt("unparse tree", lambda: ast.unparse(tree))
    attempt("walk tree", lambda: len(list(ast.walk(tree))))
    attempt("copy tree", lambda: copy.deepcopy(tree))


def texts():
    attempt("json lists", lambda: json.loads("[" * DEPTH + "]" * DEPTH))
    attempt("json dicts", lambda: json.loads('{"a":' * DEPTH + "1" + "}" * DEPTH))
    attempt("json open", lambda: json.loads("[" * DEPTH))
    attempt("json py", lambda: json.decoder.JSONDecoder(object_pairs_hook=list).decode("[" * DEPTH + "]" * DEPTH))
    attempt("pickle load", lambda: pickle.loads(b"]" * DEPTH + b"a" * (DEPTH - 1) + b"."))
    attempt("pickle tuples", lambda: pickle.loads(b"N" + b"\x85" * DEPTH + b"."))
    attempt("marshal load", lambda: __import__("marshal").loads(b"[\1\0\0\0" * DEPTH + b"N"))
    for name, text in {
        "groups": "(" * 2000 + ")" * 2000, "noncapturing": "(?:" * 5000 + ")" * 5000, "lookahead": "(?=" * 5000 + ")" * 5000,
        "alternatives": "a|" * DEPTH, "repeat": "(?:" * 500 + "a" + ")*" * 500, "sets": "[" * DEPTH,
    }.items():
        attempt(f"re {name}", lambda: re.compile(text))
    attempt("re match", lambda: re.match("(?:a|b)*c", "ab" * DEPTH) and 1)
    attempt("re groups match", lambda: re.match("(a)*?b", "a" * DEPTH + "b").end())
    attempt("re repeat match", lambda: re.match("(?:" * 60 + "a" + ")*" * 60, "a" * 1000).end())
    attempt("format nested", lambda: "{:{:{}}}".format(1, 2, 3))
    attempt("format fields", lambda: ("{" * 1000 + "}" * 1000).format(1))
    attempt("format attributes", lambda: ("{0" + ".next" * 1000 + "}").format(nested(Node)) and 1)


def exceptions():
    import traceback

    def chained(attribute):
        error = None
        for i in range(DEPTH):
            e = ValueError(i)
            setattr(e, attribute, error)
            error = e
        return error

    for attribute in "__context__", "__cause__":
        error = chained(attribute)
        attempt(f"{attribute} format", lambda: traceback.format_exception(error))
        attempt(f"{attribute} print", lambda: traceback.print_exception(error, file=io.StringIO()))
        attempt(f"{attribute} hook", lambda: hook(error))
        attempt(f"{attribute} raise", lambda: raise_in(error))
        del error
    group = nested(lambda x: ExceptionGroup("g", [x]), depth=DEPTH, core=ValueError())
    attempt("group repr", lambda: repr(group))
    attempt("group format", lambda: traceback.format_exception(group))
    attempt("group hook", lambda: hook(group))
    attempt("group split", lambda: group.split(ValueError))
    attempt("group subgroup", lambda: group.subgroup(lambda e: True))
    attempt("group derive", lambda: star(group))


def star(group):
    try:
        raise group
    except* ValueError:
        pass


def raise_in(error):
    try:
        raise error
    except ValueError:
        try:
            raise KeyError(1)
        except KeyError as e:
            return e.__context__ is error


def hook(error):
    saved = sys.stderr
    sys.stderr = io.StringIO()
    try:
        sys.__excepthook__(type(error), error, None)
    finally:
        sys.stderr = saved


def classes():
    def grow(depth):
        cls = object
        for _ in range(depth):
            cls = type("C", (cls,), {})
        return cls

    attempt("deep class", lambda: grow(3000)())
    attempt("deep class attribute", lambda: grow(2000).nothing)

    class Looking:
        def __getattr__(self, name):
            return getattr(self, name + "x")

    attempt("getattr chain", lambda: Looking().a)

    class Property:
        @property
        def a(self):
            return self.a

        def __set_name__(self, owner, name):
            pass

    attempt("property chain", lambda: Property().a)

    class Meta(type):
        def __call__(cls, *args):
            return cls(*args)

        def __instancecheck__(cls, value):
            return isinstance(value, cls)

    attempt("meta call", lambda: Meta("M", (), {})())
    attempt("meta check", lambda: isinstance(1, Meta("M", (), {})))

    class Key:
        def __lt__(self, other):
            return sorted([self, other])

    attempt("sort in sort", lambda: sorted([Key(), Key()]))

    class Hash:
        def __hash__(self):
            return hash((self,))

    attempt("hash in hash", lambda: hash(Hash()))

    class Repr:
        def __repr__(self):
            return "%r" % (self,)

    attempt("repr in repr", lambda: repr(Repr()))

    class Iter:
        def __iter__(self):
            return iter(list(self))

    attempt("iter in iter", lambda: list(Iter()))

    class Index:
        def __index__(self):
            return range(self)[0]

    attempt("index in index", lambda: [1][Index()])

    class Reduce:
        def __reduce__(self):
            return copy.deepcopy(self)

    attempt("reduce in reduce", lambda: pickle.dumps(Reduce()))
    attempt("map in map", lambda: (lambda f: f(f))(lambda f: list(map(f, [f]))))
    attempt("reduce call", lambda: (lambda f: f(f, f))(lambda f, g: functools.reduce(f, [f, g])))
    attempt("sub in sub", lambda: (lambda f: f(f))(lambda f: re.sub("a", lambda m: f(f), "a")))
    attempt("exec in exec", lambda: exec("exec(s)", {"s": "exec(s)"}))
    attempt("eval in eval", lambda: eval("eval(s)", {"s": "eval(s)"}))
    attempt("import in import", lambda: (lambda f: f(f))(lambda f: max([1], key=lambda _: f(f))))


def through_c():
    import array
    import bisect
    import heapq
    import cmath  # a module of libpython's
    import decimal
    import xml.etree.ElementTree as tree

    def again():
        return decimal.Decimal(Number())

    class Number:
        def __init__(self):
            pass

        def __index__(self):
            return int(abs(cmath.sqrt(Number())))

        def __hash__(self):
            return 1

    attempt("C and back", lambda: cmath.sqrt(Number()))

    class Target:
        def start(self, tag, attributes):
            parser = tree.XMLParser(target=Target())
            parser.feed("<a>")

    attempt("expat and back", lambda: tree.XMLParser(target=Target()).feed("<a>"))
    element = tree.Element("a")
    root = element
    for _ in range(20_000):
        element = tree.SubElement(element, "a")
    attempt("element to text", lambda: tree.tostring(root))
    attempt("element copy", lambda: copy.deepcopy(root))
    attempt("element iter", lambda: len(list(root.iter())))
    attempt("deep list to C", lambda: array.array("b", nested(lambda x: [x])))
    attempt("heap", lambda: heapq.heapify([nested(Equal, core=1), nested(Equal, core=2)]))
    attempt("bisect", lambda: bisect.insort([nested(Equal, core=1)], nested(Equal, core=2)))


def collecting():
    chain = nested(Node, depth=20 * DEPTH)
    attempt("gc of list", gc.collect)
    del chain
    attempt("gc of dead list", gc.collect)
    chain = nested(lambda x: [x], depth=20 * DEPTH)
    del chain
    gc.collect()
    chain = nested(Base, depth=DEPTH)
    del chain
    attempt("gc of finalizers", gc.collect)
    ring = nested(Node, depth=4 * DEPTH)
    ring.back = ring
    first = weakref.ref(ring)
    del ring
    gc.collect()
    attempt("ring", lambda: first())
    chain = nested(generator, core=iter([]))
    del chain
    attempt("gc of generators", gc.collect)


PARTS = [structures, calls, iterators, compiling, texts, exceptions, classes, through_c, collecting]


def run(*parts):
    for part in parts:
        for size in (0, 64 * 1024, 1024 * 1024, 64 * 1024 * 1024) if "-d" in sys.argv else (64 * 1024,):
            threading.stack_size(size)
            thread = threading.Thread(target=part)
            thread.start()
            thread.join()
        part()
        print(part.__name__, len(outcomes), "ended", flush=True)
        outcomes.clear()


if __name__ == "__main__":
    run(*[part for part in PARTS if part.__name__ in sys.argv] or PARTS)
