# amphis: --cpython=zlib,_queue
# Results of C code that nobody over there has: one object of ours each, however they go there and come back.
import _queue, decimal, functools, gc, operator, pickle, sqlite3, threading, weakref, zlib
from decimal import Decimal
from xml.etree import ElementTree as ET


def fresh(n):
    return Decimal(n) + Decimal("0.5")


# There and back through a C container.
q = _queue.SimpleQueue()
a = fresh(1)
q.put(a)
print(q.get() is a, a)
q.put(fresh(2))
b = q.get()
q.put(b)
print(q.get() is b, b)

# As an operand, as itself, as an argument that comes back.
c = fresh(3)
print(+c is c, c.quantize(c), max(c, c) is c, c.__copy__() is c, c.__deepcopy__({}) is c, Decimal(c) is c)
print(operator.add(c, c), sum([c, c, c]), c == c, c != c, c < c, hash(c) == hash(Decimal("3.5")))
print(c + 1, 1 + c, c * 2, 2 * c, c // 2, 10 // c, c % 2, c - 1, 1 - c, c / 2, 7 / c, -c, abs(-c), c ** 2)
for bad in ("c + 1.5", "1.5 + c", "c + 'x'", "'x' + c", "c + None", "c << 1", "c @ c", "c & 1"):
    try:
        print(eval(bad))
    except TypeError as e:
        print(bad, e)
c += 1
print(c)
print(c == 4.5, c < 4.75, c == "x", 4.5 == c, 5 > c, c != None)
try:
    c < "x"
except TypeError as e:
    print(e)


# Seen by a callback while it is an operand: the same object.
class Seen:
    def __radd__(self, other):
        seen.append(other)
        return other

    def __eq__(self, other):
        seen.append(other)
        return True


seen = []
d = fresh(5)
print((d + Seen()) is d, d == Seen(), [x is d for x in seen])

# Seen by a callback as an argument.
element = ET.fromstring("<a><b k='1'/><b k='2'/></a>")
made = [x for x in element]
print(all(x is y for x, y in zip(made, element)), element[0] is made[0], element.find("b") is made[0], list(element.iter("b"))[1] is made[1])
child = ET.Element("c")
element.append(child)
print(element[2] is child, element.remove(child), len(element))
child.attrib["x"] = "1"
print(ET.tostring(child), child.attrib is child.attrib)
r = weakref.ref(child)
print(r() is child)

# Given to other threads while the call that gives it is under way.
got = []


def take():
    for _ in range(2000):
        got.append(q.get())


t = threading.Thread(target=take)
t.start()
sent = []
for i in range(2000):
    x = fresh(i)
    sent.append(x)
    q.put(x)
    if i % 100 == 0:
        gc.collect()
t.join()
print(all(x is y for x, y in zip(sent, got)), len(got))

# Kept by C code and by nobody here.
for i in range(1000):
    q.put(fresh(i))
gc.collect()
print(sum(q.get() for _ in range(1000)))

# What has attributes or weak references.
connection = sqlite3.connect(":memory:")
cursor = connection.cursor()
print(cursor.execute("select 1, 'x'") is cursor, cursor.fetchone(), cursor.connection is connection)
w = weakref.ref(cursor)
print(w() is cursor)
cursor = None
gc.collect()
print(w())
part = functools.partial(max, fresh(1))
print(part(fresh(2)), part.args[0] + 1)

# Keywords and tuples of arguments.
print(fresh(1).quantize(Decimal("1"), rounding=decimal.ROUND_UP), fresh(1).compare(other=Decimal(2)), fresh(7).to_integral_value())
print(zlib.compressobj().copy().flush() == zlib.compressobj().flush())
print(pickle.loads(pickle.dumps(fresh(9))), Decimal((0, (1, 2, 3), -2)), Decimal("1e5").normalize(), divmod(fresh(9), Decimal(2)))

# A long sum, with collections in between.
s = Decimal(0)
for i in range(20000):
    s = s + fresh(i) * 2
print(s)
