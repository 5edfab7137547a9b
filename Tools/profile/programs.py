"""What an interpreter is trained with: ordinary work on the standard library, a function for each kind, a second or less each.

  INTERPRETER programs.py [NAME...]

None of it comes from a collection of benchmarks.
"""
import abc
import argparse
import ast
import asyncio
import base64
import collections
import configparser
import contextlib
import copy
import csv
import dataclasses
import datetime
import decimal
import difflib
import email
import enum
import fractions
import functools
import hashlib
import heapq
import hmac
import html.parser
import http.client
import http.server
import inspect
import io
import itertools
import json
import json.decoder
import json.encoder
import keyword
import logging
import os
import pathlib
import pickle
import pprint
import queue
import random
import re
import shlex
import statistics
import string
import struct
import sys
import textwrap
import threading
import tokenize
import types
import typing
import unittest
import urllib.parse
import weakref
import xml.etree.ElementTree as etree
import zlib

SOURCE = pathlib.Path(textwrap.__file__).read_text()
LONG_SOURCE = pathlib.Path(argparse.__file__).read_text()
WORDS = re.findall(r"\w+", LONG_SOURCE)


def words():
    counts = collections.Counter()
    by_length = collections.defaultdict(set)
    for _ in range(8):
        for w in WORDS:
            counts[w.lower()] += 1
            by_length[len(w)].add(w)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    lines = []
    for n, group in sorted(by_length.items()):
        lines.append("%3d %s" % (n, ", ".join(sorted(group)[:5])))
    for w, n in ordered[:200]:
        lines.append(f"{w:>20} {n:6d} {n / len(WORDS):.3%}")
    return "\n".join(lines).upper().split(), [l.strip().replace(" ", "-").partition("-") for l in lines]


def wrapping():
    paragraphs = [p for p in LONG_SOURCE.split("\n\n") if p.strip()]
    for p in paragraphs[:160]:
        textwrap.fill(textwrap.dedent(p), 60, initial_indent="  ", subsequent_indent="    ")
    return list(difflib.unified_diff(SOURCE.splitlines(), SOURCE.replace("text", "word").splitlines(), lineterm=""))


class Outline(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.stack, self.rows = [], []

    def handle_starttag(self, tag, attrs):
        self.stack.append(tag)
        for name, value in attrs:
            self.rows.append((tag, name, value))

    def handle_endtag(self, tag):
        if self.stack and self.stack[-1] == tag:
            self.stack.pop()

    def handle_data(self, data):
        if data.strip():
            self.rows.append(("/".join(self.stack), None, data.strip()))


def markup():
    page = "<html><body class='a b'>" + "".join(
        f'<div id="d{i}" title="x &amp; y"><p>Row {i} of <b>many</b></p><br/><a href="/item/{i}?q={i * i}">link</a></div>' for i in range(250)) + "</body></html>"
    parser = Outline()
    parser.feed(page)
    root = etree.Element("list")
    for kind, name, value in parser.rows:
        item = etree.SubElement(root, "item", {"kind": kind})
        item.text = value
        if name:
            item.set("name", name)
    again = etree.fromstring(etree.tostring(root))
    return sum(1 for e in again.iter("item") if e.get("name") == "href"), [html.escape(r[2]) for r in parser.rows]


class Node:
    __slots__ = ("name", "edges", "seen")

    def __init__(self, name):
        self.name = name
        self.edges = {}
        self.seen = False

    def __repr__(self):
        return f"<{self.name}>"

    def __lt__(self, other):
        return self.name < other.name

    def __eq__(self, other):
        return isinstance(other, Node) and self.name == other.name

    def __hash__(self):
        return hash(self.name)


class Graph:
    def __init__(self, directed=False):
        self.directed = directed
        self.adjacent = {}

    def __len__(self):
        return len(self.adjacent)

    def __iter__(self):
        return iter(self.adjacent)

    def __contains__(self, n):
        return n in self.adjacent

    def __getitem__(self, n):
        return self.adjacent[n]

    @property
    def edges(self):
        for u, near in self.adjacent.items():
            for v, data in near.items():
                yield u, v, data

    def add(self, u, v, **data):
        self.adjacent.setdefault(u, {})[v] = data
        if not self.directed:
            self.adjacent.setdefault(v, {})[u] = data

    def components(self):
        seen = set()
        for start in self:
            if start in seen:
                continue
            part, waiting = set(), collections.deque([start])
            while waiting:
                n = waiting.popleft()
                if n not in part:
                    part.add(n)
                    waiting.extend(m for m in self[n] if m not in part)
            seen |= part
            yield part

    def distances(self, start):
        best, queue, order = {}, [(0, start)], itertools.count()
        while queue:
            d, n = heapq.heappop(queue)
            if n in best:
                continue
            best[n] = d
            for m, data in self.adjacent[n].items():
                if m not in best:
                    heapq.heappush(queue, (d + data.get("weight", 1), m))
        return best


def graphs():
    r = random.Random(5)
    g = Graph()
    for i in range(1200):
        for _ in range(3):
            g.add(i, r.randrange(1200), weight=r.randrange(1, 20))
    named = Graph(directed=True)
    nodes = [Node(f"n{i}") for i in range(200)]
    for a in nodes:
        for b in r.sample(nodes, 4):
            named.add(a, b, weight=1)
    total = sum(data["weight"] for _, _, data in g.edges)
    return len(list(g.components())), total, [max(g.distances(i).values()) for i in range(5)], len(named.distances(nodes[0])), sorted(named)[:3]


class Shape(abc.ABC):
    count = 0

    def __init__(self, *points, **style):
        self.points = list(points)
        self.style = style
        type(self).count += 1

    @property
    @abc.abstractmethod
    def area(self): ...

    @functools.cached_property
    def label(self):
        return f"{type(self).__name__.lower()}-{len(self.points)}"

    def move(self, dx=0.0, dy=0.0):
        self.points = [p + Vector(dx, dy) for p in self.points]
        return self

    def __getattr__(self, name):
        try:
            return self.style[name]
        except KeyError:
            raise AttributeError(name) from None


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __abs__(self):
        return (self.x * self.x + self.y * self.y) ** 0.5

    def __eq__(self, other):
        return isinstance(other, Vector) and self.x == other.x and self.y == other.y

    def dot(self, other):
        return self.x * other.x + self.y * other.y


class Polygon(Shape):
    @property
    def area(self):
        total = 0.0
        for p, q in zip(self.points, self.points[1:] + self.points[:1]):
            total += p.x * q.y - p.y * q.x
        return abs(total) / 2


class Circle(Shape):
    def __init__(self, centre, radius, **style):
        super().__init__(centre, **style)
        self.radius = radius

    @property
    def area(self):
        return 3.141592653589793 * self.radius ** 2

    def move(self, dx=0.0, dy=0.0):
        super().move(dx, dy)
        self.radius = max(self.radius, 0.5)
        return self


class Visitor:
    def visit(self, o):
        return getattr(self, "visit_" + type(o).__name__, self.other)(o)

    def visit_Polygon(self, o):
        return len(o.points)

    def other(self, o):
        return getattr(o, "colour", None) or o.label


def objects():
    shapes = []
    for i in range(1500):
        if i % 3:
            shapes.append(Circle(Vector(i, i * 0.5), i % 7 + 1, colour="red" if i % 2 else None))
        else:
            shapes.append(Polygon(Vector(0.0, 0.0), Vector(i, 0.0), Vector(i, i + 1.0), width=2))
    visitor = Visitor()
    for _ in range(6):
        for s in shapes:
            s.move(0.5, dy=-0.5)
            visitor.visit(s)
    shapes.sort(key=lambda s: s.area)
    nearest = min(shapes, key=lambda s: abs(s.points[0] - Vector(10, 3)))
    return sum(s.area for s in shapes), nearest.label, any(s.points[0] == Vector(1, 1) for s in shapes)


@dataclasses.dataclass(order=True)
class Item:
    price: float
    name: str = "thing"
    tags: list = dataclasses.field(default_factory=list, compare=False)


class Colour(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 4


class Mode(enum.IntFlag):
    READ = 1
    WRITE = 2
    BOTH = 3


Point = collections.namedtuple("Point", "x y z")


def records():
    items = [Item(i * 7 % 13 + 0.5, f"n{i % 17}", [i]) for i in range(1500)]
    items.sort()
    groups = {k: list(v) for k, v in itertools.groupby(items, key=lambda i: i.price)}
    points = [Point(i, i + 1, z=i * 2)._replace(x=0) for i in range(1500)]
    totals = {c: 0 for c in Colour}
    for i, c in zip(range(3000), itertools.cycle(Colour)):
        totals[c] += i
        if Mode(i % 4) & Mode.READ:
            totals[Colour.RED] -= 1
    kept = copy.deepcopy(items[:200])
    shown = pprint.pformat([dataclasses.asdict(i) for i in kept[:60]] + [groups.keys(), totals])
    return len(groups), sum(p.y for p in points), shown, repr(kept)


def matching():
    out = []
    for node in ast.walk(ast.parse(LONG_SOURCE)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]):
                out.append((name, type(first).__name__))
            case ast.If(test=ast.Compare(ops=[ast.In() | ast.Is()])):
                out.append(("if", ast.unparse(node.test)))
            case ast.FunctionDef(name=str() as name, args=arguments) if not name.startswith("_"):
                out.append((name, len(arguments.args)))
    return out


def serial():
    data = {"rows": [{"id": i, "name": f"näme {i}", "ok": i % 2 == 0, "score": i / 7, "tags": ["a", "b", None], "big": 1 << i % 70} for i in range(400)]}
    text = json.dumps(data, indent=1, sort_keys=True)
    pretty = json.encoder._make_iterencode({}, json.encoder.JSONEncoder().default, json.encoder.py_encode_basestring_ascii, None, repr, ": ", ", ", False, False, False)
    "".join(pretty(data, 0))
    for protocol in (2, 4):
        b = pickle.dumps(data, protocol)
        assert pickle.loads(b) == data
    out = io.BytesIO()
    pickle._Pickler(out, 4).dump(data["rows"][:100])
    pickle._Unpickler(io.BytesIO(out.getvalue())).load()
    rows = io.StringIO()
    w = csv.DictWriter(rows, ["id", "name", "score"], extrasaction="ignore")
    w.writeheader()
    w.writerows(data["rows"])
    rows.seek(0)
    packed = b"".join(struct.pack("<IdH", r["id"], r["score"], len(r["name"])) for r in data["rows"])
    assert [n for n, _, _ in struct.iter_unpack("<IdH", packed)][3] == 3
    return len(json.loads(text)["rows"]), sum(float(r["score"]) for r in csv.DictReader(rows)), base64.b85encode(packed), base64.b32encode(packed), zlib.crc32(packed)


def configuration():
    config = configparser.ConfigParser()
    config.read_string("\n".join(f"[section {i}]\nkey = value {i}\nsize: %(key)s/{i}\n" for i in range(80)))
    message = email.message_from_string("From: a@b.example\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\nContent-Type: text/plain; charset=utf-8\n\n" + "text\n" * 50)
    message.add_header("X-Long", "word " * 30)
    parser = argparse.ArgumentParser()
    for i in range(20):
        parser.add_argument(f"--option-{i}", type=int, default=i, help="sets %(dest)s")
    for _ in range(10):
        parser.parse_args(["--option-3", "7", "--option-11=2"])
    parts = [urllib.parse.urlsplit(f"http://user@host:80/a/{i};p?q={i}&r=%20#f") for i in range(300)]
    urllib.parse.urlencode([(p.path, p.query) for p in parts])
    shlex.split("a 'b c' \"d e\" f\\ g " * 50)
    string.Template("$a is ${b}").substitute(a=1, b=2)
    log = logging.Logger("train")
    log.addHandler(logging.StreamHandler(io.StringIO()))
    for i in range(300):
        log.info("line %d of %s", i, "many")
        log.debug("more")
    return [config.get(s, "size") for s in config.sections()], message.as_string(), parser.format_help()


def paths():
    out = []
    for base in (pathlib.PurePosixPath("/usr/lib"), pathlib.PureWindowsPath("c:/x")):
        for i in range(250):
            p = base / f"d{i}" / "file.tar.gz"
            out.append((p.name, p.suffix, p.stem, p.parent.parts, p.with_suffix(".x").as_posix(), p.match("*.gz")))
    folder = pathlib.Path(os.__file__).parent
    return len(out), sum(1 for p in folder.glob("*.py") if p.is_file() and p.stat().st_size > 1000), os.path.relpath(str(folder), "/usr")


def numbers():
    with decimal.localcontext() as c:
        c.prec = 40
        x = decimal.Decimal(2).sqrt() + sum(decimal.Decimal(i) / 7 for i in range(500))
    f = sum((fractions.Fraction(1, n) for n in range(1, 120)), fractions.Fraction(0))
    primes, sieve = [], bytearray([1]) * 60_000
    for n in range(2, len(sieve)):
        if sieve[n]:
            primes.append(n)
            sieve[n * n::n] = bytes(len(range(n * n, len(sieve), n)))
    matrix = [[float(i * j % 7) for j in range(40)] for i in range(40)]
    product = [[sum(a * b for a, b in zip(row, column)) for column in zip(*matrix)] for row in matrix]
    life = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
    for _ in range(60):
        near = collections.Counter((x + dx, y + dy) for x, y in life for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)
        life = {p for p, n in near.items() if n == 3 or n == 2 and p in life}
    big = functools.reduce(lambda a, b: a * b % (1 << 521) + 1, range(1, 2000))
    return x, f, len(primes), product[3][3], len(life), big, statistics.stdev(primes), pow(3, 10**20, 10**9 + 7)


def queens(n):
    def place(row, columns, up, down):
        if row == n:
            yield ()
            return
        for c in range(n):
            if c not in columns and row + c not in up and row - c not in down:
                for rest in place(row + 1, columns | {c}, up | {row + c}, down | {row - c}):
                    yield (c,) + rest

    return list(place(0, frozenset(), frozenset(), frozenset()))


@functools.lru_cache(maxsize=None)
def ways(total, coins):
    if total == 0:
        return 1
    return sum(ways(total - coins[0] * k, coins[1:]) for k in range(total // coins[0] + 1)) if coins else 0


def searching():
    permutations = sum(1 for p in itertools.permutations(range(7)) if p[0] < p[-1] and sum(p[:3]) > 8)
    chains = collections.ChainMap({i: i for i in range(50)}, {i: -i for i in range(100)})
    return len(queens(7)), ways(200, (50, 20, 10, 5, 2, 1)), permutations, sum(chains[i] for i in range(100)), sorted(map(str, range(3000)), reverse=True)[:3]


def scanning():
    kinds = collections.Counter()
    for token in tokenize.generate_tokens(io.StringIO(LONG_SOURCE).readline):
        kinds[tokenize.tok_name[token.exact_type]] += 1
        if token.type == tokenize.NAME and keyword.iskeyword(token.string):
            kinds["keyword"] += 1
    pattern = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*(?P<op>[-+*/=]=?)\s*(?P<value>\d+|'[^']*'|\"[^\"]*\")")
    found = [(m["name"], m.group(2), m.span()) for m in pattern.finditer(LONG_SOURCE)]
    for i in range(30):
        re.compile(rf"(?:a|b{i})*c{{1,{i + 1}}}[^x-z]\b(?=d)(?<!e)")
    tree = compile(ast.parse(LONG_SOURCE), "f", "exec")
    return kinds, len(found), re.sub(r"\bself\.(\w+)", lambda m: m[1].upper(), LONG_SOURCE)[:50], ast.unparse(ast.parse(SOURCE))[:50], tree


def characters():
    """A small calculator that reads its text a character at a time."""
    def tokens(text):
        i = 0
        while i < len(text):
            c = text[i]
            if c.isspace():
                i += 1
            elif c.isdigit():
                j = i
                while j < len(text) and (text[j].isdigit() or text[j] == "."):
                    j += 1
                yield "number", float(text[i:j])
                i = j
            elif c in "+-*/()":
                yield "operator", c
                i += 1
            else:
                raise SyntaxError(f"{c!r} at {i}")
        yield "end", None

    class Parser:
        def __init__(self, text):
            self.tokens = tokens(text)
            self.advance()

        def advance(self):
            self.kind, self.value = next(self.tokens)

        def factor(self):
            kind, value = self.kind, self.value
            self.advance()
            if kind == "number":
                return value
            if value == "-":
                return -self.factor()
            result = self.sum()
            self.advance()
            return result

        def product(self):
            result = self.factor()
            while self.value in ("*", "/"):
                operator = self.value
                self.advance()
                if operator == "*":
                    result *= self.factor()
                else:
                    try:
                        result /= self.factor()
                    except ZeroDivisionError:
                        result = float("inf")
            return result

        def sum(self):
            result = self.product()
            while self.value in ("+", "-"):
                operator = self.value
                self.advance()
                result = result + self.product() if operator == "+" else result - self.product()
            return result

    total = 0.0
    for i in range(250):
        total += Parser(f"({i} + 2.5) * -(3 - {i} / 4) + 10 * ({i}.25 - 1) / {i % 3}").sum()
        try:
            Parser(f"1 + {i} % 2").sum()
        except SyntaxError as e:
            total += len(str(e))
    return total


class Template:
    """A template of `{{ name.part|filter }}` and `{% for x in y %}`, rendered from nodes."""

    token = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})")
    filters = {"upper": str.upper, "title": str.title, "length": len, "escape": lambda v: html.escape(str(v))}

    def __init__(self, source):
        parts = iter(self.token.split(source))
        self.nodes = self.parse(parts)

    def parse(self, parts, until=None):
        nodes = []
        for part in parts:
            if part.startswith("{{"):
                name, *filters = part[2:-2].strip().split("|")
                nodes.append(("value", name.split("."), [self.filters[f] for f in filters]))
            elif part.startswith("{%"):
                words = part[2:-2].split()
                if words[0] == until:
                    return nodes
                if words[0] == "for":
                    nodes.append(("for", words[1], words[3].split("."), self.parse(parts, "endfor")))
                else:
                    nodes.append(("if", words[1].split("."), None, self.parse(parts, "endif")))
            elif part:
                nodes.append(("text", part, None))
        return nodes

    def resolve(self, path, context):
        value = context[path[0]]
        for name in path[1:]:
            try:
                value = value[name]
            except (TypeError, KeyError, IndexError):
                value = getattr(value, name, "")
            if callable(value):
                value = value()
        return value

    def render(self, context, nodes=None):
        out = []
        for kind, *rest in self.nodes if nodes is None else nodes:
            if kind == "text":
                out.append(rest[0])
            elif kind == "value":
                value = self.resolve(rest[0], context)
                for f in rest[1]:
                    value = f(value)
                out.append(str(value))
            elif kind == "for":
                for i, item in enumerate(self.resolve(rest[1], context)):
                    out.append(self.render({**context, rest[0]: item, "index": i}, rest[2]))
            elif self.resolve(rest[0], context):
                out.append(self.render(context, rest[2]))
        return "".join(out)


def templates():
    t = Template(
        "<table>{% for row in rows %}<tr class='{{ index }}'>{% for c in row.cells %}<td>{{ c|escape }}</td>{% endfor %}"
        "{% if row.last %}<b>{{ row.item.name|title }}</b>{% endif %}</tr>{% endfor %}</table>{{ rows|length }}")
    rows = [{"cells": ["a<b", i, i * 1.5, None], "last": i % 10 == 0, "item": types.SimpleNamespace(name=f"row {i}")} for i in range(150)]
    return len(t.render({"rows": rows}) + t.render({"rows": rows[:9]}))


async def worker(name, queue, results):
    while True:
        n = await queue.get()
        try:
            if n % 10 == 0:
                await asyncio.sleep(0)
            results[name] += n
        finally:
            queue.task_done()


async def gathered():
    queue, results = asyncio.Queue(), collections.defaultdict(int)
    workers = [asyncio.create_task(worker(i, queue, results)) for i in range(4)]
    for i in range(1500):
        queue.put_nowait(i)
        if i % 50 == 0:
            await asyncio.sleep(0)
    await queue.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)

    async def deep(n):
        return 1 if n == 0 else sum(await asyncio.gather(*(deep(n - 1) for _ in range(3))))

    async def ticks(n):
        for i in range(n):
            yield i

    return results, await deep(5), [i async for i in ticks(500)]


def coroutines():
    return asyncio.run(gathered())


@contextlib.contextmanager
def noted(log, name):
    log.append(name)
    try:
        yield log
    except ValueError as e:
        log.append(str(e))


def errors():
    log = []
    for i in range(1500):
        with noted(log, i) as l, contextlib.suppress(KeyError):
            if i % 3 == 0:
                raise ValueError(i)
            {}[i]
        try:
            int("x%d" % i)
        except ValueError as e:
            l.append(e.args)
        finally:
            l.append(None)
    return len(log)


def protocols():
    @typing.runtime_checkable
    class Sized(typing.Protocol):
        def __len__(self): ...

    hits = sum(isinstance(o, Sized) + isinstance(o, collections.abc.Mapping) + isinstance(o, (int, str)) for o in [1, "a", [], {}, set(), 2.5, Vector(1, 2)] * 150)
    live = weakref.WeakValueDictionary()
    keep = [Vector(i, i) for i in range(500)]
    for i, v in enumerate(keep):
        live[i] = v
    signature = [str(inspect.signature(f)) for f in (worker, textwrap.fill, argparse.ArgumentParser.add_argument, Point)]
    return hits, len(live), signature, [functools.partial(max, key=len)(["a", "bb"]) for _ in range(500)], typing.get_type_hints(Item)


class Case(unittest.TestCase):
    def setUp(self):
        self.rows = list(range(10))

    def test_one(self):
        self.assertEqual(sum(self.rows), 45)
        with self.assertRaisesRegex(IndexError, "range"):
            self.rows[10]

    def test_two(self):
        for i in range(20):
            with self.subTest(i=i):
                self.assertIn(i % 10, self.rows)
                self.assertDictEqual({"a": i}, {"a": i})


def testing():
    for _ in range(10):
        result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(Case))
    return result.testsRun


def dates():
    start = datetime.datetime(2020, 1, 31, 12, 30, tzinfo=datetime.timezone.utc)
    return [(start + datetime.timedelta(days=i, hours=i)).isoformat() for i in range(400)], [(start + datetime.timedelta(i)).strftime("%d.%m.%y") for i in range(400)]


def database():
    import sqlite3

    with contextlib.closing(sqlite3.connect(":memory:")) as c:
        c.execute("create table t(a, b, c)")
        c.executemany("insert into t values(?, ?, ?)", ((i, f"row {i}", i / 3) for i in range(3000)))
        c.create_function("twice", 1, lambda x: x * 2)
        return c.execute("select sum(twice(a)) from t").fetchone(), sum(len(b) for _, b, _ in c.execute("select * from t order by c desc"))


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        body = json.dumps({"path": parts.path, "query": urllib.parse.parse_qs(parts.query), "tag": hashlib.sha1(self.path.encode()).hexdigest()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        digest = hmac.new(b"key", data, "sha256").digest()
        self.send_response(201)
        self.send_header("Content-Length", str(len(digest)))
        self.end_headers()
        self.wfile.write(digest)

    def log_message(self, format, *args):
        pass


async def echoes():
    async def answer(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for i in range(200):
            writer.write(b"line %d\n" % i)
            await reader.readline()
        writer.close()


def serving():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    tags = []
    with contextlib.closing(http.client.HTTPConnection(*server.server_address)) as connection:
        for i in range(150):
            connection.request("GET", f"/item/{i}?a=1&b={i}", headers={"Accept": "application/json", "Cookie": f"id={i}"})
            answer = connection.getresponse()
            tags.append(json.loads(answer.read())["tag"])
            if i % 10 == 0:
                connection.request("POST", "/items", body=b"name=%d" % i * 50)
                tags.append(connection.getresponse().read().hex())
    server.shutdown()
    thread.join()
    server.server_close()
    asyncio.run(echoes())
    work = queue.Queue()
    results = []
    workers = [threading.Thread(target=lambda: [results.append(n) for n in iter(work.get, None)]) for _ in range(2)]
    for w in workers:
        w.start()
    for i in range(500):
        work.put(i)
    for w in workers:
        work.put(None)
    for w in workers:
        w.join()
    return tags, len(results), hashlib.md5(b"".join(b"%d" % i for i in range(1000))).hexdigest()


PROGRAMS = [words, wrapping, markup, graphs, objects, records, matching, serial, configuration, paths, numbers, searching, scanning,
            characters, templates, coroutines, errors, protocols, testing, dates, database, serving]

if __name__ == "__main__":
    chosen = sys.argv[1:]
    for program in PROGRAMS:
        if not chosen or program.__name__ in chosen:
            for _ in range(2):
                program()
