# amphis: --cpython=zlib,_queue,_socket
# Classes of ours over types of C modules, in every way Python code does it.
import abc, array, collections, collections.abc, copy, csv, ctypes, datetime, decimal, io, json, mmap, pickle, queue, random, socket, sqlite3, ssl, struct, sys, threading, weakref, xml.etree.ElementTree as ET, zlib


def error(function, *args, **options):
    try:
        return function(*args, **options)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


# socket.socket: overridden methods, attributes, makefile, context manager, pickling refused.
class Counting(socket.socket):
    kinds = []

    def __init_subclass__(cls, /, label=None, **rest):
        super().__init_subclass__(**rest)
        cls.label = label
        Counting.kinds.append(cls.__name__)

    def __init__(self, *args, **options):
        self.sent = 0
        super().__init__(*args, **options)

    def send(self, data, *rest):
        self.sent += len(data)
        return super().send(data, *rest)


class Labelled(Counting, label="L"):
    __slots__ = ("extra",)


a, b = socket.socketpair()
with Labelled(a.family, a.type, a.proto, a.detach()) as s, b:
    s.extra = "slot"
    s.send(b"one"), s.send(memoryview(b"two!"))
    with b.makefile("rb", buffering=0) as f:
        print(s.sent, f.read(7), s.label, s.extra, Counting.kinds, isinstance(s, socket.SocketType), s.family == a.family)
    print(error(pickle.dumps, s), error(copy.copy, s), s.__class__.__mro__[1:3] == (Counting, socket.socket))
print(s.fileno(), error(s.send, b"x"))


# threading.local: __init__ once a thread, with its arguments.
class Local(threading.local):
    made = []
    shared = "class"

    def __init__(self, start, *, step=1):
        self.value = start
        self.step = step
        Local.made.append(threading.current_thread() is threading.main_thread())

    def advance(self):
        self.value += self.step
        return self.value


local = Local(10, step=5)
results = [local.advance(), local.advance()]
t = threading.Thread(target=lambda: results.append((local.advance(), sorted(local.__dict__))))
t.start(), t.join()
print(results, local.value, Local.made, local.shared)


# random.Random: what is overridden decides what the others use.
class Fixed(random.Random):
    calls = 0

    def random(self):
        Fixed.calls += 1
        return 0.25


class Bits(random.Random):
    def getrandbits(self, k):
        return (1 << k) // 3


print(Fixed().uniform(0, 8), Fixed(5).choice("abcd"), Fixed.calls > 1, Bits().randrange(100), Bits().randbytes(2))
seeded = random.Random(3)
clone = pickle.loads(pickle.dumps(seeded))
print(seeded.random() == clone.random(), type(pickle.loads(pickle.dumps(Fixed(1)))).__name__, copy.deepcopy(seeded).getstate() == seeded.getstate())


# decimal.Decimal: results are the base's, contexts and conversions.
class Money(decimal.Decimal):
    __slots__ = ("currency",)

    def __new__(cls, value, currency="EUR"):
        self = super().__new__(cls, value)
        self.currency = currency
        return self

    def __add__(self, other):
        return Money(super().__add__(other), self.currency)

    def __reduce__(self):
        return Money, (str(self), self.currency)


m = Money("1.50", "CHF")
print(m + 1, type(m + 1).__name__, type(m * 2).__name__, m.currency, f"{m:.1f}", m == decimal.Decimal("1.5"), hash(m) == hash(decimal.Decimal("1.5")), sum([m, m]).currency if hasattr(sum([m, m]), "currency") else "plain")
print([(type(x).__name__, x.currency) for x in (pickle.loads(pickle.dumps(m)), copy.copy(m), copy.deepcopy(m))], isinstance(m, decimal.Decimal), decimal.getcontext().add(m, 1))


# datetime's types.
class Zone(datetime.tzinfo):
    def utcoffset(self, when):
        return datetime.timedelta(hours=3)

    def dst(self, when):
        return None

    def tzname(self, when):
        return "ZONE"

    def __reduce__(self):
        return Zone, ()


class Moment(datetime.datetime):
    def __new__(cls, *args, note="", **options):
        self = super().__new__(cls, *args, **options)
        self.note = note
        return self


class Day(datetime.date):
    def next(self):
        return self + datetime.timedelta(1)


class Span(datetime.timedelta):
    pass


w = Moment(2024, 2, 29, 12, tzinfo=Zone(), note="leap")
print(w.isoformat(), w.note, type(w + Span(1)).__name__, w.tzname(), type(w.astimezone(datetime.timezone.utc)).__name__, type(Moment.fromtimestamp(0, datetime.timezone.utc)).__name__)
print(type(Day(2024, 2, 28).next()).__name__, Day(2024, 2, 28).next(), type(Span(1) * 2).__name__, type(Moment.combine(Day(2024, 1, 1), datetime.time(1))).__name__, json.dumps(str(w)))
back = pickle.loads(pickle.dumps(w))
print(type(back).__name__, back == w, back.tzname(), copy.deepcopy(w).note, type(copy.copy(Day(1, 1, 1))).__name__)


# io's bases: a raw stream of ours under the buffered and text layers.
class Raw(io.RawIOBase):
    def __init__(self, data=b""):
        self.data, self.place, self.asked = bytearray(data), 0, []

    def readable(self):
        return True

    def writable(self):
        return True

    def seekable(self):
        return True

    def readinto(self, buffer):
        self.asked.append(len(buffer))
        piece = self.data[self.place : self.place + len(buffer)]
        buffer[: len(piece)] = piece
        self.place += len(piece)
        return len(piece)

    def write(self, data):
        self.data[self.place : self.place + len(data)] = data
        self.place += len(data)
        return len(data)

    def seek(self, offset, whence=0):
        self.place = offset if whence == 0 else (self.place if whence == 1 else len(self.data)) + offset
        return self.place

    def tell(self):
        return self.place


raw = Raw("ä\nb\r\nc".encode())
text = io.TextIOWrapper(io.BufferedReader(raw), encoding="utf-8")
print(text.read(1), text.readlines(), raw.asked[0] > 1, raw.closed, text.close(), raw.closed)
w = io.BufferedWriter(raw2 := Raw(), 4)
w.write(b"abcdefgh"), w.flush()
print(raw2.data, io.BufferedReader(Raw(b"xyz")).peek(1)[:1], error(Raw(b"q").readall), list(Raw(b"1\n2\n")))


class Upper(io.TextIOBase):
    def __init__(self):
        self.parts = []

    def write(self, s):
        self.parts.append(s.upper())
        return len(s)


class Kept(io.StringIO):
    def close(self):
        self.kept = self.getvalue()
        super().close()


up = Upper()
print("text", 5, file=up)
with Kept() as k:
    csv.writer(k).writerow(["a", 1])
print(up.parts, repr(k.kept), k.closed, type(pickle.loads(pickle.dumps(io.BytesIO(b"x")))).__name__)


# Exceptions of C modules.
class Corrupt(zlib.error):
    def __init__(self, message, where):
        super().__init__(message)
        self.where = where

    def __reduce__(self):
        return Corrupt, (self.args[0], self.where)


class Both(ssl.SSLError, LookupError):
    pass


class Locked(sqlite3.OperationalError):
    code = 5


for e in (Corrupt("bad", 7), Both(1, "two"), Locked("busy")):
    try:
        raise e
    except (zlib.error, ssl.SSLError, sqlite3.DatabaseError) as caught:
        print(type(caught).__name__, caught.args, str(caught), caught is e, [c.__name__ for c in type(e).__mro__[1:4]])
back = pickle.loads(pickle.dumps(Corrupt("bad", 7)))
print(back.where, back.args, Both(1, "two").errno, isinstance(Both(1), OSError), copy.copy(Locked("x")).args)
database = sqlite3.connect(":memory:")


def refuse(x):
    raise Locked("mine")


database.create_function("refuse", 1, refuse)
print(error(database.execute, "select refuse(1)"))
sys.setswitchinterval(sys.getswitchinterval())


# ctypes.Structure, Union, arrays, simple types.
class Pair(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_short * 2)]

    def total(self):
        return self.x + sum(self.y)


class Triple(Pair):
    _fields_ = [("z", ctypes.c_double)]
    defaults = 1


class Either(ctypes.Union):
    _fields_ = [("n", ctypes.c_uint32), ("b", ctypes.c_ubyte * 4)]


class Celsius(ctypes.c_double):
    def warm(self):
        return self.value > 20


t = Triple(1, (2, 3), 4.5)
u = Either(n=0x01020304)
print(t.total(), t.z, ctypes.sizeof(Triple) > ctypes.sizeof(Pair), isinstance(t, Pair), list(u.b), Celsius(21).warm(), (Pair * 2)(Pair(1), Pair(2))[1].x)
copied = Triple.from_buffer_copy(bytes(t))
print(copied.total(), type(pickle.loads(pickle.dumps(t))).__name__, pickle.loads(pickle.dumps(t)).z, error(Pair, "s"), error(Pair, 1, (1, 2), 3))


# sqlite3: Connection, Cursor, Row, adapters and converters, row factories, aggregate classes, collations, context manager.
class Connection(sqlite3.Connection):
    def cursor(self, factory=None):
        return super().cursor(factory or Cursor)


class Cursor(sqlite3.Cursor):
    def __init__(self, *args):
        super().__init__(*args)
        self.log = []

    def execute(self, sql, *rest):
        self.log.append(sql.split()[0])
        return super().execute(sql, *rest)

    def __next__(self):
        row = super().__next__()
        return row if isinstance(row, sqlite3.Row) else ("row", *row)


class Row(sqlite3.Row):
    def __getattr__(self, name):
        try:
            return self[name]
        except IndexError:
            raise AttributeError(name) from None


class Sum:
    def __init__(self):
        self.total = 0

    def step(self, x):
        self.total += x

    def finalize(self):
        return self.total * 10


class Adapted:
    def __init__(self, n):
        self.n = n

    def __conform__(self, protocol):
        return f"A{self.n}" if protocol is sqlite3.PrepareProtocol else None


sqlite3.register_converter("adapted", lambda raw: Adapted(int(raw[1:])))
with sqlite3.connect(":memory:", factory=Connection, detect_types=sqlite3.PARSE_DECLTYPES) as db:
    c = db.cursor()
    c.execute("create table t (n integer, a adapted)")
    c.executemany("insert into t values (?, ?)", [(i, Adapted(i)) for i in range(3)])
    db.create_aggregate("tens", 1, Sum)
    db.create_collation("back", lambda x, y: (x < y) - (x > y))
    print(type(c).__name__, list(c.execute("select n from t")), c.log, c.execute("select tens(n) from t").fetchone(), [r[1] for r in c.execute("select n from t order by cast(n as text) collate back")])
    db.row_factory = Row
    row = db.cursor().execute("select n, a from t where n = 2").fetchone()
    print(row.n, row.a.n, error(lambda: row.zz), row.keys(), type(row).__name__, tuple(row)[0], row == row, isinstance(row, collections.abc.Sequence))
    db.row_factory = lambda cursor, values: collections.namedtuple("R", [d[0] for d in cursor.description])(*values)
    print(db.cursor().execute("select 1 as one, 'x' as two").fetchall())
try:
    with db:
        db.execute("insert into t values (9, 'A9')")
        raise KeyError("roll back")
except KeyError:
    print(db.execute("select count(*) as n from t").fetchone())


# csv: dialects as classes, a reader over an iterator of ours.
class Semicolons(csv.Dialect):
    delimiter, quotechar, lineterminator, quoting, doublequote = ";", "'", "\n", csv.QUOTE_NONNUMERIC, False
    escapechar = "\\"


class Lines:
    def __init__(self, *lines):
        self.lines = iter(lines)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.lines)


out = io.StringIO()
csv.writer(out, Semicolons).writerows([["it's", 1.5], [None, "x;y"]])
print(repr(out.getvalue()), list(csv.reader(Lines("'a';1", "'b;c';2"), Semicolons())), error(csv.reader, [], type("Bad", (csv.Dialect,), {"delimiter": "ab", "quoting": 0})))


# ElementTree: Element subclasses, builders and targets.
class Node(ET.Element):
    __slots__ = ()

    def find_all_text(self):
        return [e.text for e in self.iter() if e.text]

    def __bool__(self):
        return True


class Builder(ET.TreeBuilder):
    def start(self, tag, attributes):
        return super().start(tag.upper(), attributes)


root = Node("root", k="v")
root.append(Node("kid"))
ET.SubElement(root, "plain").text = "t"
tree = ET.fromstring("<a><b>x</b></a>", ET.XMLParser(target=Builder(element_factory=Node)))
print(ET.tostring(root), root.find_all_text(), type(root[0]).__name__, type(copy.deepcopy(root)).__name__, tree.tag, type(tree[0]).__name__, tree.find_all_text())


# pickle: persistent ids, reducer_override, find_class, dispatch_table, buffers out of band.
class Item:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other.n


class Saver(pickle.Pickler):
    def persistent_id(self, o):
        return ("item", o.n) if isinstance(o, Item) and o.n < 0 else None

    def reducer_override(self, o):
        return (complex, (o.n, 1)) if isinstance(o, Item) and o.n > 9 else NotImplemented


class Loader(pickle.Unpickler):
    def persistent_load(self, pid):
        return Item(pid[1] * 100)

    def find_class(self, module, name):
        found.append(name)
        return super().find_class(module, name)


found = []
stream = io.BytesIO()
Saver(stream, 4).dump([Item(1), Item(-2), Item(10), {"k": Item(-3)}])
stream.seek(0)
loaded = Loader(stream).load()
print(loaded[0].n, loaded[1].n, loaded[2], loaded[3]["k"].n, sorted(found))


# ABCs: C types registered, C types as virtual subclasses, abstract methods in a class over a C type.
class Stack(abc.ABC):
    @abc.abstractmethod
    def put(self, x): ...

    @classmethod
    def __subclasshook__(cls, other):
        return True if hasattr(other, "put") and hasattr(other, "get") else NotImplemented


class Abstract(queue.SimpleQueue, metaclass=abc.ABCMeta):
    @abc.abstractmethod
    def twice(self): ...


class Concrete(Abstract):
    def twice(self):
        return [self.get(), self.get()]


Stack.register(type(zlib.compressobj()))
q = Concrete()
q.put(1), q.put("two")
print(issubclass(queue.SimpleQueue, Stack), isinstance(zlib.compressobj(), Stack), isinstance(zlib.decompressobj(), Stack), type(error(Abstract)).__name__, q.twice(), isinstance(q, Stack))


# Several bases, ours and theirs, a mixin's `super()`, `__class_getitem__`, `__set_name__`, a metaclass of ours.
class Meta(type):
    def __new__(meta, name, bases, namespace, **options):
        namespace["made_by"] = (meta.__name__, sorted(options))
        return super().__new__(meta, name, bases, namespace)

    def __call__(cls, *args, **options):
        o = super().__call__(*args, **options)
        o.born = True
        return o


class Named:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, o, owner=None):
        return (self.name, owner.__name__)


class Mixin:
    mixed = Named()

    def __init__(self, *args, tag=None, **options):
        super().__init__(*args, **options)
        self.tag = tag

    def put(self, item):
        super().put((self.tag, item))


class Tagged(Mixin, queue.SimpleQueue, metaclass=Meta, flavour=1):
    pass


class Mapped(mmap.mmap, collections.abc.Hashable):
    def __hash__(self):
        return 7


q = Tagged(tag="t")
q.put(5)
m = Mapped(-1, 10)
print(q.get(), q.mixed, q.born, Tagged.made_by, q.qsize(), hash(m), m[:2], [c.__name__ for c in Tagged.__mro__], queue.SimpleQueue[int].__origin__ is queue.SimpleQueue)
m.close()
print(error(lambda: type("X", (queue.SimpleQueue, mmap.mmap), {})), error(lambda: type("Y", (queue.SimpleQueue, list), {}))[:30], error(lambda: type("Z", (type(zlib.compressobj()),), {})))


# A class of ours first, then a C type whose own base cannot be instantiated (`_ctypes._CData`; numpy.float64 over numpy.generic is the same).
class Doubled:
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.made = type(self).__name__

    def double(self):
        return self.value * 2


class Count(Doubled, ctypes.c_int):
    pass


class Made(Doubled, ctypes.c_double):
    def __new__(cls, value, *rest):
        # (Not `super()`: CPython's metaclass makes two classes of the body.)
        self = ctypes.c_double.__new__(cls, value)
        self.rest = rest
        return self

    def __init__(self, value, *rest):
        Doubled.__init__(self, value)


class Point(Doubled, ctypes.Structure):
    _fields_ = [("value", ctypes.c_long)]


class Slotted:
    __slots__ = ()


class Bare(Slotted, ctypes.c_short):
    __slots__ = ("tag",)


m, p, bare = Made(1.5, "a", "b"), Point(value=21), Bare(-1)
bare.tag = "t"
print(Count(4).double(), Count().made, m.double(), m.rest, m.made, p.double(), p.made, bare.value, bare.tag, [c.__name__ for c in Point.__mro__], isinstance(m, ctypes.c_double))
print(ctypes.sizeof(Count), bytes(p), ctypes.cast(ctypes.pointer(Count(9)), ctypes.POINTER(ctypes.c_int)).contents.value, (Count * 2)(1, 2)[1].__class__.__name__)
base = ctypes.c_int.__mro__[2]
print(base.__name__, error(base)[:20], error(type("Nothing", (Doubled, base), {}))[:20])


# Weak references, finalizers, attributes, __slots__ with and without a dict.
class Ended(queue.SimpleQueue):
    def __del__(self):
        ended.append(self.mark)


class Narrow(queue.SimpleQueue):
    __slots__ = ("one",)


ended = []
e = Ended()
e.mark = "first"
ref = weakref.ref(e)
print(ref() is e, error(setattr, Narrow(), "two", 2), [setattr(n := Narrow(), "one", 1), n.one][1], vars(e), error(lambda: Narrow().one))
e.__dict__["mark"] = "second"
e.__class__ = type("Ended2", (Ended,), {"extra": 3})
print(e.extra, e.mark, type(e).__name__)


# Pickling and copying of instances that carry C state and ours.
class Saved(queue.SimpleQueue):
    def __reduce__(self):
        items = []
        while not self.empty():
            items.append(self.get())
        for i in items:
            self.put(i)
        return Saved, (), self.__dict__, iter(items)

    def append(self, item):
        self.put(item)

    def extend(self, items):
        for i in items:
            self.put(i)


s = Saved()
s.put([1]), s.put("x")
s.note = {"n": 1}
for proto in range(2, 6):
    back = pickle.loads(pickle.dumps(s, proto))
    print(type(back).__name__, back.qsize(), back.get(), back.note)
deep, shallow = copy.deepcopy(s), copy.copy(s)
first = s.get()
print(shallow.get() is first, deep.get() is first, deep.note is s.note, shallow.note == s.note)


class Arr(array.array):
    def __new__(cls, *args, unit=""):
        self = super().__new__(cls, *args)
        self.unit = unit
        return self


x = Arr("i", [1, 2], unit="m")
print(x * 2, x.unit, copy.copy(x) == x, type(copy.deepcopy(x)).__name__, pickle.loads(pickle.dumps(x)).unit, struct.unpack("<2i", x), bytes(memoryview(x)[1:]))
