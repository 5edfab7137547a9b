"""Made-up programs for the runtime: odd values, calls with arguments of the wrong kind, and objects that change what is being worked on."""
import collections
import io
import itertools
import random

INTS = """0 1 -1 2 3 7 -2 -3 10 64 255 256 -128 1000 2**15 2**31-1 2**31 -2**31-1 2**32 2**47-1 2**47 -2**47 -2**47-1 2**48 2**62 2**63-1 2**63 -2**63
-2**63-1 2**64 10**30 -10**40 sys.maxsize -sys.maxsize-1""".split()
FLOATS = "0.0 -0.0 1.5 -2.25 1e308 5e-324 float('inf') float('-inf') float('nan') 2.0**53 1e16 0.1".split()
STRS = ["''", "'a'", "'abc'", "'\\0'", "'é'", "'\\u20ac'", "'\\U0001f600x'", "'\\ud800'", "'a' * 50", "'0'", "'-12'", "'a,b,,c'", "' x\\n y\\r\\n'", "'{} {0}'",
        "'{!r:>{}}'", "'%s %d'", "'%(a)s'", "'__class__'", "'utf-8'", "'x' * 3000", "'aß\\u0130'", "'{0.real[0]}'", "'>10.3f'", "'(a|b)*c'", "'[^x]{2,}'"]
BYTES = ["b''", "b'a'", "b'abc'", "b'\\xff\\x00'", "b'ab' * 40", "b'\\xe2\\x82\\xac'", "b'12'", "b'%s'", "b'x' * 5000"]
ANSWERS = ["0", "1", "-1", "3", "2**63", "-2**63-1", "None", "True", "'a'", "b'x'", "()", "[]", "SELF", "FIRST", "DEFAULT", "ValueError", "TypeError",
           "StopIteration", "KeyError", "IndexError", "AttributeError", "OverflowError", "MemoryError", "RecursionError", "NotImplemented", "1.5",
           "object", "iter(())", "(1, 2)", "(echo, ())", "slice(None)"]
SPECIAL = """eq ne lt gt le ge hash index int float len bool iter next getitem setitem delitem contains call repr str format add radd iadd mul rmul imul sub rsub
mod rmod and rand or ror xor lshift rshift neg invert abs enter exit get set length_hint reversed bytes complex round trunc instancecheck subclasscheck missing
divmod pow floordiv truediv getattr fspath copy deepcopy reduce_ex mro_entries""".split()
# What stands for an answer of the right kind, so that the odd object gets past the first look.
FITTING = {"index": ["0", "2", "-1", "2**40", "2**64"], "hash": ["1", "2", "-1"], "len": ["0", "3", "2**62"], "bool": ["True", "False"],
           "eq": ["True", "False", "NotImplemented"], "lt": ["True", "False", "NotImplemented"], "iter": ["SELF", "iter([1, 2, 3])", "lazily(1, 2, 3)"],
           "next": ["1", "StopIteration", "SELF"], "length_hint": ["0", "5", "-1", "2**62", "NotImplemented"], "repr": ["'r'"], "str": ["'s'"],
           "int": ["5", "2**70"], "float": ["1.5"], "bytes": ["b'q'"], "format": ["'f'"], "contains": ["True", "False"], "fspath": ["'/'", "b'/'"],
           "complex": ["1j"], "mro_entries": ["(int,)", "()", "(object, object)"], "copy": ["SELF"], "reduce_ex": ["(echo, (1,))", "'x'"]}
BASES = {"int": "int", "float": "float", "str": "str", "bytes": "bytes", "list": "list", "tuple": "tuple", "dict": "dict", "set": "set",
         "frozenset": "frozenset", "bytearray": "bytearray", "deque": "collections.deque", "odict": "collections.OrderedDict",
         "ddict": "collections.defaultdict"}
TYPES = {"int": int, "float": float, "str": str, "bytes": bytes, "bytearray": bytearray, "list": list, "tuple": tuple, "dict": dict, "set": set,
         "frozenset": frozenset, "memoryview": memoryview, "range": range, "slice": slice, "deque": collections.deque,
         "odict": collections.OrderedDict, "ddict": collections.defaultdict, "complex": complex}
KINDS = list(TYPES) + ["iterator", "class", "function", "exception", "none"]
SEQUENCES = ["list", "tuple", "str", "bytes", "bytearray", "range", "deque", "memoryview"]
CONTAINERS = ["list", "dict", "set", "bytearray", "deque", "odict", "ddict"]
# Never called: they tell of sizes, addresses, hashes and this implementation's own texts.
UNASKED = {"__init_subclass__", "__subclasshook__", "__sizeof__", "__dir__", "__doc__", "__class__", "__hash__", "__reduce__", "__reduce_ex__",
           "__getstate__", "__setstate__", "__getattribute__", "__delattr__", "__setattr__"}
METHODS = {kind: [n for n in sorted(dir(t)) if callable(getattr(t, n)) and n not in UNASKED] for kind, t in TYPES.items()}
# Their work grows with a number: small numbers only.
HEAVY = {"__pow__", "__rpow__", "__lshift__", "__rlshift__", "__mul__", "__rmul__", "__imul__", "ljust", "rjust", "center", "zfill", "expandtabs", "to_bytes"}

# $list, $int ...: an expression of that kind; $any: of any; $small: a small int; $it: something to iterate over; $fn: a function; $seq, $box.
STEPS = """
$list.sort(key=$fn)
$list.sort()
sorted($it, key=$fn, reverse=$any)
$list.__setitem__(slice($idx, $idx, $idx), $it)
$list.__delitem__(slice($idx, $idx, $idx))
$list[$idx:$idx:$idx]
$seq[$idx]
$seq[$idx:$idx]
$list.extend($it)
$list.__init__($it)
$list.index($any, $idx, $idx)
$list.remove($any)
$list.insert($idx, $any)
$list.__iadd__($it)
$list * $small
$list + $list
$list == $list
$list < $list
$tuple == $tuple
$any == $any
$any < $any
$any in $box
$any in $seq
drain($it)
drain(iter($box))
drain($dict.items())
drain($odict.values())
drain(reversed($dict))
drain(reversed($seq))
drain(zip($it, $it))
drain(zip($it, $it, strict=True))
drain(map($fn, $it, $it))
drain(filter($fn, $it))
drain(enumerate($it, $any))
drain(itertools.chain($it, $it))
drain(itertools.islice($it, $idx, $idx, $idx))
drain(itertools.groupby($it, $fn))
drain(itertools.tee($it, $small)[0])
drain(itertools.accumulate($it, $fn))
drain(itertools.product($it, $it))
drain(itertools.combinations($it, $small))
drain(itertools.permutations($it, 2))
drain(itertools.zip_longest($it, $it, fillvalue=$any))
drain(itertools.starmap($fn, $it))
drain(itertools.compress($it, $it))
drain(itertools.cycle($it))
drain(itertools.pairwise($it))
drain(itertools.takewhile($fn, $it))
drain(itertools.count($any, $any), 5)
drain(itertools.repeat($any, $idx), 5)
iter($fn, $any).__next__()
list($it)
tuple($it)
set($it)
dict($any)
dict($it, a=$any)
dict.fromkeys($it, $any)
frozenset($it)
bytes($any)
bytearray($it)
str($any, $str, $str)
int($any, $any)
int($str, $small)
float($any)
complex($any, $any)
range($any, $any, $any)
slice($idx, $idx, $idx).indices($any)
sum($it, $any)
min($it, key=$fn, default=$any)
max($any, $any, key=$fn)
any($it)
all($it)
len($any)
hash($list)
repr($any)
ascii($any)
format($any, $str)
$str % $any
$bytes % $any
$str.format($any, $any, a=$any)
$str.format_map($any)
$str.join($it)
$bytes.join($it)
$str.translate($any)
$str.maketrans($any, $any)
$str.split($any, $idx)
$str.replace($str, $str, $idx)
$str.encode($str, 'backslashreplace')
$bytes.decode($str, 'replace')
$str.startswith($any, $idx, $idx)
$str.find($str, $idx, $idx)
divmod($any, $any)
pow($int, $small, $any)
round($any, $any)
abs($any)
$int // $any
$int % $any
$int & $any
$float % $float
$int.to_bytes($small, 'big', signed=$any)
int.from_bytes($any, $str, signed=True)
$dict.update($any)
$dict.update($it)
$dict.setdefault($any, $any)
$dict.pop($any, $any)
$dict | $dict
$dict.__ior__($it)
$dict[$any]
$dict.__setitem__($any, $any)
$dict.__delitem__($any)
$dict == $dict
$dict.keys() & $it
$dict.items() - $it
$dict.keys() ^ $dict.keys()
$dict.items() <= $dict.items()
$dict.keys().isdisjoint($it)
$dict.popitem()
$odict.move_to_end($any, $any)
$odict.popitem($any)
$odict == $odict
$ddict[$any]
$set.update($it, $it)
$set & $it
$set - $set
$set ^ $set
$set.symmetric_difference_update($it)
$set.intersection_update($it, $it)
$set.difference_update($it)
$set.issubset($it)
$set <= $set
$set.add($any)
$set.discard($any)
$set.remove($any)
$deque.rotate($any)
$deque.insert($idx, $any)
$deque.index($any, $idx, $idx)
$deque.remove($any)
$deque == $deque
$deque.extendleft($it)
collections.deque($it, $idx)
collections.Counter($it).most_common($idx)
collections.ChainMap($dict, $dict)[$any]
$bytearray.extend($it)
$bytearray.__setitem__(slice($idx, $idx, $idx), $any)
$bytearray.__setitem__($idx, $any)
$bytearray.insert($idx, $any)
$bytearray.join($it)
$bytearray.replace($bytes, $bytes, $idx)
$bytearray * $small
$bytearray.pop($idx)
memoryview($any)
$memoryview[$idx]
$memoryview[$idx:$idx:$idx].tolist()
$memoryview.__setitem__($any, $any)
$memoryview.__setitem__(slice($idx, $idx), $any)
$memoryview.cast($str, $any)
memoryview($bytearray).cast('I')
memoryview(bytearray(24)).cast('d', shape=[3]).tolist()
$memoryview.release()
$memoryview == $any
$memoryview.tobytes($any)
$bytearray.clear()
isinstance($any, $any)
isinstance($any, ($class, $class))
issubclass($class, $any)
getattr($any, $str, $any)
setattr($any, $str, $any)
delattr($any, $str)
vars($any)
callable($any)
type($any)
type($str, ($class,), {'__slots__': $any})
type('T', ($class, $class), $dict)
type('T', $tuple, {})
type('T', ($class,), {'mro': lambda cls: [cls, object]})()
type('M', (type,), {'mro': lambda cls: $any})('T', (), {})
type('M', (type,), {'__call__': echo})('T', (), {})(1)
type('M', (type,), {'__instancecheck__': echo, '__prepare__': lambda *a, **k: $any})
type('T', (), {'__set_name__': echo, 'a': $any})
setattr(type('T', (), {}), '__bases__', ($class,))
setattr(type('T', (), {})(), '__class__', $any)
setattr(type('T', (), {}), '__name__', $any)
setattr(type('T', (), {}), '__qualname__', $any)
setattr(type('T', (), {})(), '__dict__', $any)
type('T', ($class,), {}).__new__($any)
$class.__new__($class)
$class($any)
$class($it)
$class.__subclasses__()
super($class, $any)
super($class, $any).__init__($any)
property($any, $any).__get__($any)
staticmethod($any).__get__($any)
classmethod($any).__get__($any, $class)
types.MethodType($any, $any)($any)
types.SimpleNamespace(**$dict) == types.SimpleNamespace(a=$any)
types.MappingProxyType($any)[$any]
types.MappingProxyType($dict) | $any
types.GenericAlias($any, $any)[$any]
list[$any] | $any
list[$any] == list[$any]
int | $any
functools.reduce($fn, $it, $any)
functools.partial($any, $any, a=$any)($any)
functools.partial(functools.partial(echo, $any), $any).__setstate__($any)
functools.lru_cache(maxsize=$any)($any)
functools.lru_cache(maxsize=2)(echo)($any)
functools.cmp_to_key($fn)($any) < functools.cmp_to_key($fn)($any)
operator.itemgetter($any, $any)($any)
operator.attrgetter($str)($any)
operator.methodcaller($str, $any)($any)
operator.length_hint($any, $any)
operator.concat($any, $any)
operator.countOf($it, $any)
operator.indexOf($it, $any)
operator.index($any)
operator.setitem($box, $any, $any)
operator.delitem($box, $any)
operator.iadd($any, $any)
operator.matmul($any, $any)
copy.copy($any)
copy.deepcopy($any)
pickle.loads(pickle.dumps($any, $small))
pickle.loads($bytes)
re.compile($str).findall($any)
re.sub($str, $any, $str, $idx)
re.match('(a)|b', $any).groups($any)
re.search('(?P<x>.)', 'abc')[$any]
re.compile('a*').sub($fn, $str)
re.split('(,)', $any, $idx)
re.compile('.').finditer($any, $idx, $idx)
drain(re.finditer('.', $str))
struct.pack($str, $any)
struct.pack('<hIq', $any, $any, $any)
struct.unpack('<hI', $any)
struct.pack_into('<i', $bytearray, $idx, $any)
struct.unpack_from('<i', $any, $idx)
struct.calcsize($str)
io.BytesIO($any).readinto($any)
io.BytesIO($bytes).seek($any, $any)
io.BytesIO($bytes).read($any)
io.StringIO($any, $any).readlines($any)
io.StringIO($str).seek($any, $any)
io.BytesIO($bytes).getbuffer()[$idx]
io.TextIOWrapper(io.BytesIO($bytes), $str).read($any)
io.TextIOWrapper(io.BytesIO($bytes), 'utf-8', newline=$any).readline($any)
io.BufferedReader($any).read($any)
io.BufferedReader(io.BytesIO($bytes), $any).peek($any)
io.BufferedRWPair(io.BytesIO(), io.BytesIO()).write($any)
io.TextIOWrapper($any).write($str)
io.IncrementalNewlineDecoder($any, $any).decode($any)
weakref.ref($any, $any)
weakref.proxy($any)
weakref.WeakValueDictionary($any)
weakref.WeakSet($it)
weakref.WeakKeyDictionary($dict)
Exception($any, $any).__setstate__($any)
BaseException.__new__($any, $any)
setattr(ValueError(1), $attr, $any)
delattr(KeyError(1), $attr)
setattr(OSError(1, 'a', 'b'), $attr, $any)
str(OSError($any, $any, $any))
str(UnicodeDecodeError($any, $any, $any, $any, $any))
str(UnicodeEncodeError('u', $str, $idx, $idx, 'r'))
SyntaxError($any, $any).__str__()
ImportError($any, name=$any).__reduce__()
ExceptionGroup($any, $it)
ExceptionGroup('a', [ValueError(1), KeyError(2)]).split($any)
ExceptionGroup('a', [ValueError(1)]).derive($it)
ValueError(1).with_traceback($any)
ValueError(1).add_note($any)
lazily(1, 2).throw($any)
lazily(1, 2).send($any)
lazily(1, 2).close()
(lambda *a, **k: (a, k))(*$it, **$dict)
(lambda a, b=1, *, c=2: (a, b, c))(*$any, **$any)
(lambda: 0).__setattr__('__code__', $any)
(lambda: 0).__setattr__('__defaults__', $any)
(lambda a=1, *, b=2: (a, b)).__setattr__('__kwdefaults__', $any)
(lambda: 0).__setattr__('__dict__', $any)
types.FunctionType((lambda: 0).__code__, $any, $any, $any, $any)
types.CellType($any) < types.CellType($any)
(lambda: 0).__code__.replace(co_name=$any)
eval($str, $any, $any)
exec($str, $dict)
compile($any, $any, 'eval')
print($any, sep=$any, end=$any, file=$any)
input($any)
open($any)
sys.setrecursionlimit($any)
sys.intern($any)
sys.getsizeof($any) and 0
sys.exc_info()[0]
gc.collect() and 0
gc.get_referents($any) and 0
gc.is_tracked($any) and 0
__import__($any)
__build_class__($any, $any)
bin($any)
chr($any)
ord($any)
hex($any)
dir($any) and 0
next($any, $any)
zip(*$it)
breakpoint
globals().get($str)
aiter($any)
object().__format__($any)
object.__reduce_ex__($any, $any) and 0
object.__setattr__($any, $any, $any)
type.__setattr__($class, $any, $any)
type.__call__($any, $any)
str.__mod__($any, $any)
dict.__contains__($any, $any)
list.__getitem__($any, $any)
tuple.__new__($any, $any)
int.__new__($any, $any)
"""

# Statements that need more than an expression.
BLOCKS = """
def f():
    [*a] = $it
    x, *y = $any
    return a, x, y
step($n, f)
---
def f():
    with $any as x:
        act()
        return x
step($n, f)
---
def f():
    try:
        raise $any
    except $any as e:
        act()
        return e
step($n, f)
---
def f():
    try:
        raise $any from $any
    except BaseException as e:
        raise RuntimeError(e) from None
step($n, f)
---
def f():
    match $any:
        case [x, *y]: return 1, x, y
        case {'a': x, **y}: return 2, x, y
        case int(x) | str(x): return 3, x
        case list(x): return 4
step($n, f)
---
def f():
    for x in $it:
        act()
        if x is None: break
    else:
        return x
    return 0
step($n, f)
---
def f():
    x = $any
    x += $any
    x[$idx] = $any
    del x[$idx]
    return x
step($n, f)
---
def f():
    x = $any
    x -= $any
    x.a = $any
    del x.a
    return f'{x!r:>{$small}} {x}'
step($n, f)
---
def f():
    class M(type):
        def __prepare__(*a, **k): return $any
        def mro(cls): return $any
    class T($class, metaclass=M, **$dict):
        a = $any
    return T
step($n, f)
---
def f():
    class T($class):
        __slots__ = ('a', 'b')
        def __init_subclass__(cls, **k): act()
        def __getattr__(self, n): act(); raise AttributeError(n)
    class U(T, x=$any):
        pass
    u = U($any)
    u.a = $any
    u.__class__ = T
    return u.a
step($n, f)
---
def f():
    def g():
        x = yield $any
        act()
        yield from $it
        return x
    h = g()
    script.append(lambda: h.send($any))
    return [next(h), h.send($any), h.throw($any), h.close()]
step($n, f)
---
def f():
    async def g():
        async with $any as x:
            async for y in $any:
                await y
        return await $any
    h = g()
    try:
        return h.send(None)
    finally:
        h.close()
step($n, f)
---
def f():
    try:
        raise ExceptionGroup('g', [ValueError(1), TypeError($any)])
    except* ValueError as e:
        act()
    except* $any as e:
        act()
step($n, f)
---
def f(depth=0):
    if depth < 2000:
        return f(depth + 1) + $int
    return 0
step($n, f)
---
def f():
    x = []
    for i in range(2000): x = $nest
    return [repr(x) and 0, x == $any, hash(x) and 0]
step($n, f)
---
def f():
    d = $dict
    for k in d:
        d[$any] = $any
        act()
    return len(d)
step($n, f)
---
def f():
    frame = sys._getframe()
    x = $any
    frame.f_locals['x'] = 1
    frame.clear
    g = lazily(1, $any)
    next(g)
    g.gi_frame.clear()
    return list(g)
step($n, f)
---
def f():
    x = $any
    def g():
        nonlocal x
        del x
        act()
    g()
    return x
step($n, f)
---
def f():
    r = weakref.ref($class, lambda r: act())
    b = bytearray(10)
    m = memoryview(b)
    b.extend($any)
    return m[$idx]
step($n, f)
---
def f():
    b = bytearray(8)
    with memoryview(b) as m:
        m[$idx:$idx] = $any
        act()
        m.release()
        return m.nbytes
step($n, f)
"""
BLOCKS = [b.strip("\n") for b in BLOCKS.split("---\n")]
STEPS = [s for s in STEPS.split("\n") if s]
ATTRIBUTES = ["'args'", "'__traceback__'", "'__cause__'", "'__context__'", "'__suppress_context__'", "'__notes__'", "'errno'", "'filename'", "'__dict__'", "'__class__'",
              "'characters_written'", "'strerror'"]
NESTS = ["[x]", "(x,)", "{1: x}", "iter([x])", "frozenset([x])", "collections.deque([x])", "functools.partial(x)", "types.MethodType(echo, x)", "list[x]", "zip([x])",
         "lazily(x)", "ValueError(x)", "slice(x)", "types.MappingProxyType({1: x})", "collections.OrderedDict(a=x)", "property(x)", "map(x, [])",
         "types.SimpleNamespace(a=x)", "itertools.chain([x])", "reversed([x])", "(x for y in [1])", "memoryview(b'a')"]
# Expressions of a kind, to be put in parentheses, and those that stand as they are.
PLAIN = {"int": INTS, "float": FLOATS, "str": STRS, "bytes": BYTES}
NAMED = {
    "class": ["int", "list", "dict", "str", "tuple", "object", "type", "BaseException", "bool", "set", "bytes", "float", "ValueError",
        "types.FunctionType", "property", "super", "range", "memoryview", "collections.deque", "type('C', (), {})", "type(None)",
        "type('D', (list,), {})", "type('E', (dict,), {'a': 1})", "type('S', (), {'__slots__': ('a', '__weakref__')})",
        "collections.OrderedDict", "type('M', (type,), {})('X', (), {})", "functools.partial", "OSError", "ExceptionGroup", "slice",
        "bytearray", "types.SimpleNamespace", "itertools.count", "io.BytesIO", "io.StringIO", "weakref.ref"],
    "function": ["echo", "failing", "len", "lambda *a: act()", "lambda *a: 1", "int", "(lambda a: a)", "(lambda a, b: a)", "str", "(lambda a, b: b)",
        "operator.add", "functools.partial(echo, 1)", "None", "[].append", "{}.get", "bool", "type"],
    "exception": ["ValueError(1)", "OSError(2, 'a')", "KeyError", "StopIteration(3)", "GeneratorExit", "UnicodeDecodeError('a', b'b', 0, 1, 'c')",
        "SyntaxError('a', ('f', 1, 2, 'x'))", "ExceptionGroup('g', [ValueError(1)])", "BaseException()", "type('X', (ValueError,), {})('x')",
        "IndexError()", "StopAsyncIteration"],
}


class Programs:
    """Sources from a seed. Variables `a0`, `a1`, ... of known kinds, then steps that use them, and a script of mutations that odd objects run."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def program(self):
        r = self.random
        self.kinds = []
        lines = []
        for i in range(r.randint(6, 14)):
            kind = r.choice(KINDS) if i > 5 else ["list", "dict", "set", r.choice(CONTAINERS), r.choice(SEQUENCES), "class"][i]
            lines.append(f"a{i} = step('a{i}', lambda: {self.fresh(kind)})")
            self.kinds.append(kind)
        mutations = [self.mutation() for _ in range(r.randint(0, 5))]
        lines += [f"script.append(lambda: {m})" for m in mutations]
        for n in range(r.randint(8, 25)):
            lines.append(self.step(n))
        return "\n".join(lines) + "\n"

    def variable(self, kind):
        return self.random.choice([f"a{i}" for i, k in enumerate(self.kinds) if k == kind] or [""])

    def any(self, level=0):
        r = self.random
        if self.kinds and r.random() < 0.5:
            return f"a{r.randrange(len(self.kinds))}"
        if r.random() < 0.3:
            return self.odd(level)
        return self.fresh(r.choice(KINDS), level)

    def of(self, kind, level=0):
        known = self.variable(kind)
        if known and self.random.random() < 0.7:
            return known
        return self.fresh(kind, level)

    def odd(self, level=0):
        r = self.random
        base = r.choice(list(BASES)) if r.random() < 0.5 else "object"
        first = ""
        if base != "object":
            first = f", {self.fresh(base, level + 1)}" if base != "ddict" else ", None"
        answers = {r.choice(SPECIAL) for _ in range(r.choice([1, 1, 2, 3, 6]))}
        texts = [f"{n}={r.choice(FITTING[n]) if n in FITTING and r.random() < 0.7 else r.choice(ANSWERS)}" for n in sorted(answers)]
        return f"odd({BASES.get(base, base)}{first}, {', '.join(texts)})"

    def items(self, level):
        r = self.random
        return ", ".join(self.any(level + 1) if level < 2 else r.choice(INTS) for _ in range(r.choice([0, 1, 2, 3, 3, 5, 9])))

    def pairs(self, level):
        r = self.random
        return ", ".join(f"{self.key(level + 1)}: {self.any(level + 1) if level < 2 else r.choice(INTS)}" for _ in range(r.choice([0, 1, 2, 3, 5, 9])))

    def key(self, level):
        r = self.random
        if level < 3 and r.random() < 0.25:
            return self.odd(level)
        return r.choice(r.choice([INTS, STRS, BYTES, FLOATS]))

    def keys(self, level):
        return ", ".join(self.key(level + 1) for _ in range(self.random.choice([1, 2, 3, 5, 9])))

    def fresh(self, kind, level=0):
        r = self.random
        if kind in PLAIN:
            return f"({r.choice(PLAIN[kind])})"
        if kind in NAMED:
            return r.choice(NAMED[kind])
        if kind == "complex":
            return f"complex({r.choice(FLOATS)}, {r.choice(FLOATS)})"
        if kind == "bytearray":
            return f"bytearray({r.choice(BYTES)})"
        if kind == "memoryview":
            return f"memoryview({r.choice(['', 'bytearray'])}({r.choice(BYTES)}))"
        if kind == "list":
            return f"[{self.items(level)}]"
        if kind == "tuple":
            items = self.items(level)
            return f"({items},)" if items else "()"
        if kind == "dict":
            return "{" + self.pairs(level) + "}"
        if kind == "odict":
            return f"collections.OrderedDict({{{self.pairs(level)}}})"
        if kind == "ddict":
            return f"collections.defaultdict({r.choice(['None', 'list', 'echo', 'failing', 'int'])}, {{{self.pairs(level)}}})"
        if kind == "set":
            return "{" + self.keys(level) + "}"
        if kind == "frozenset":
            return f"frozenset([{self.keys(level)}])"
        if kind == "range":
            return f"range({r.choice(INTS)}, {r.choice(INTS)}, {r.choice([i for i in INTS if i != '0'])})"
        if kind == "slice":
            return f"slice({self.index()}, {self.index()}, {self.index()})"
        if kind == "deque":
            return f"collections.deque([{self.items(level)}]{r.choice(['', ', 3', ', 0'])})"
        if kind == "iterator":
            inner = self.any(level + 1) if level < 2 else "'abc'"
            return r.choice([f"lazily({self.items(level)})", f"iter({inner})", f"map(echo, [{self.items(level)}])", f"zip({self.of('list', level + 1)}, 'abc')",
                             f"reversed({self.of('list', level + 1)})", f"enumerate({inner})", f"iter({self.of('dict', level + 1)}.items())",
                             f"iter({self.of('set', level + 1)})", f"itertools.chain({inner}, 'ab')", f"iter({self.of('deque', level + 1)})"])
        return "None"

    def index(self):
        r = self.random
        return r.choice(["None", "0", "1", "-1", "2", "-2", "5", "100", r.choice(INTS), self.odd_index() if r.random() < 0.5 else "3"])

    def odd_index(self):
        r = self.random
        return f"odd(index={r.choice(FITTING['index'] + ['None', 'ValueError'])})"

    def small(self):
        return self.random.choice(["0", "1", "2", "3", "-1", "5", "16", "2**63", "-2**70"])

    def filled(self, text):
        r = self.random
        parts = []
        i = 0
        while i < len(text):
            if text[i] != "$":
                parts.append(text[i])
                i += 1
                continue
            j = i + 1
            while j < len(text) and text[j].isalpha():
                j += 1
            name, i = text[i + 1:j], j
            parts.append(
                self.any() if name == "any" else self.small() if name == "small" else self.index() if name == "idx" else
                r.choice([self.any, lambda: self.of("iterator"), lambda: self.of("list"), lambda: self.of(r.choice(KINDS))])() if name == "it" else
                self.of("function") if name == "fn" else self.of(r.choice(SEQUENCES)) if name == "seq" else
                self.of(r.choice(CONTAINERS)) if name == "box" else r.choice(ATTRIBUTES) if name == "attr" else r.choice(NESTS) if name == "nest" else
                str(self.number) if name == "n" else self.of(name))
        return "".join(parts)

    def method(self):
        r = self.random
        kind = r.choice(list(TYPES))
        name = r.choice(METHODS[kind])
        target = self.of(kind)
        if r.random() < 0.1:
            target = BASES.get(kind, kind)
        count = r.choice([0, 1, 1, 1, 2, 2, 3, 4])
        some = self.small if name in HEAVY else lambda: r.choice([self.any, self.index])()
        return f"{target}.{name}({', '.join(some() for _ in range(count))})"

    def mutation(self):
        r = self.random
        boxes = [f"a{i}" for i, k in enumerate(self.kinds) if k in CONTAINERS]
        box = r.choice(boxes)
        kind = self.kinds[int(box[1:])]
        own = {"list": ["{0}.clear()", "{0}.append(1)", "{0}.pop()", "{0}.extend(range(50))", "{0}.__delitem__(slice(1, 3))", "{0}.sort()", "{0}.__init__()",
                        "{0}.insert(0, None)", "{0}.reverse()", "{0}.__imul__(3) and {0}.__delitem__(slice(30, None))"],
               "dict": ["{0}.clear()", "{0}.popitem()", "{0}.update(dict.fromkeys(range(40)))", "{0}.__setitem__(1, 2)", "{0}.pop(1, 2)", "{0}.__ior__({0})"],
               "set": ["{0}.clear()", "{0}.pop()", "{0}.update(range(40))", "{0}.add(1)", "{0}.discard(1)", "{0}.__init__()"],
               "bytearray": ["{0}.clear()", "{0}.extend(b'abc' * 30)", "{0}.pop()", "{0}.__delitem__(slice(0, 2))", "{0}.append(1)", "{0}.__init__()"],
               "deque": ["{0}.clear()", "{0}.append(1)", "{0}.pop()", "{0}.extend(range(70))", "{0}.rotate(1)", "{0}.appendleft(2)"]}
        own["odict"] = own["dict"] + ["{0}.move_to_end(1)", "{0}.move_to_end(next(iter({0})))"]
        own["ddict"] = own["dict"] + ["{0}[5]"]
        texts = own[kind] + ["gc.collect()", "failing()"]
        if r.random() < 0.15:
            return self.filled(r.choice(STEPS))
        return r.choice(texts).format(box)

    def step(self, number):
        self.number = number
        r = self.random
        kind = r.random()
        if kind < 0.12:
            return self.filled(r.choice(BLOCKS))
        text = self.method() if kind < 0.4 else self.filled(r.choice(STEPS))
        if r.random() < 0.15:
            i = r.randrange(len(self.kinds))
            return f"a{i} = step({number}, lambda: {text})"
        return f"step({number}, lambda: {text})"
