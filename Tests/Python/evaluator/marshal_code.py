# Code objects inside marshalled modules: shared constants, names, damaged data.
import marshal
import random
import sys
import types

source = '''
"""Module."""
X = ('shared text with spaces', 10 ** 40, 2.5, 3j, b'bytes', frozenset({'a', 1, None}))
def first(a, b=1, *args, c, **kw):
    "doc of first"
    def inner(n):
        "doc of inner"
        return a + n, 'shared text with spaces', 12345678901234567890123
    return inner
class C:
    "doc of C"
    def method(self, other=('x', ('y', 'z'))):
        def deeper():
            def deepest():
                return self, other, X
            return deepest
        return deeper()()
def plain(): return lambda q: [q for q in range(q) if q not in {1, 2, 3}]
async def waits(): return 'ünïcödé \\ud800'
def many(): return (%s)
''' % ', '.join(map(repr, range(300)))

code = compile(source, 'made.py', 'exec')
data = marshal.dumps(code)
again = marshal.loads(data)


def walk(c):
    yield c
    for k in c.co_consts:
        if isinstance(k, types.CodeType):
            yield from walk(k)


FIELDS = [n for n in dir(code) if n.startswith('co_') and not callable(getattr(code, n))]


def show(c):
    return [(n, [type(k).__name__ if isinstance(k, types.CodeType) else k for k in getattr(c, n)] if n == 'co_consts' else getattr(c, n)) for n in FIELDS]


print(again == code, hash(again) == hash(code), marshal.loads(marshal.dumps(again)) == code)
print([c.co_qualname for c in walk(again)])
print(all(show(a) == show(b) for a, b in zip(walk(code), walk(again))))
print(all(list(a.co_lines()) == list(b.co_lines()) and list(a.co_positions()) == list(b.co_positions()) for a, b in zip(walk(code), walk(again))))

# Functions of code that nobody has looked at
namespace = {'__name__': 'made'}
exec(marshal.loads(data), namespace)
print(namespace['first'].__doc__, namespace['first'].__defaults__, namespace['C'].method.__doc__)
print(namespace['first'](1, c=2)(3), namespace['first'](1, c=2).__doc__)
print(namespace['C']().method()[1], namespace['plain']()(6), len(namespace['many']()))
f = namespace['waits']
print(f.__code__.co_consts[1].encode('utf-8', 'surrogatepass'), f.__code__.co_flags & 0x80)

# The same object wherever it is met
one = marshal.loads(data)
texts = [k for c in walk(one) for k in c.co_consts if k == 'shared text with spaces']
print(len(texts), all(t is texts[0] for t in texts))
names = [n for c in walk(one) for n in c.co_names + c.co_varnames + c.co_freevars if n == 'other']
print(len(names), all(n is names[0] for n in names))

# Another file name for all, before and after they are read
half = marshal.loads(data)
list(walk([k for k in half.co_consts if isinstance(k, types.CodeType)][1]))
for c in (half, again):
    import _imp
    _imp._fix_co_filename(c, 'elsewhere.py')
    print({x.co_filename for x in walk(c)})

# replace, comparison, functions made by hand
inner = [c for c in walk(marshal.loads(data)) if c.co_name == 'method'][0]
print(inner.replace(co_name='m').co_name, inner == [c for c in walk(code) if c.co_name == 'method'][0], inner._varname_from_oparg(1))
print(types.FunctionType([c for c in walk(marshal.loads(data)) if c.co_name == 'first'][0], {}, None, (1,))(5, c=1)(1))

# Damaged data: an exception or a code object, at load or at use
if sys.implementation.name == 'cpython':
    # It fills the memory of a tuple whose damaged length says 2 ** 31 before it finds the data too short.
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, resource.getrlimit(resource.RLIMIT_AS)[1]))
rng = random.Random(3)
outcomes = set()
for trial in range(600):
    broken = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    try:
        for c in walk(marshal.loads(broken)):
            c.co_code, c.co_lnotab, c.co_varnames
        outcomes.add('ok')
    except RecursionError:
        outcomes.add('ok')
    except (ValueError, TypeError, EOFError, SystemError, MemoryError, OverflowError):
        outcomes.add('error')
    except AttributeError:
        pass
print(sorted(outcomes))
for cut in range(0, len(data), 97):
    try:
        marshal.loads(data[:cut])
        print('no error', cut)
    except EOFError:
        pass
