"""_elementtree: elements, tree builders, the parser, iterparse, copies, pickles, errors."""
import collections, copy, gc, io, pickle, sys, warnings, weakref
import xml.etree.ElementTree as ET
from xml.etree.ElementTree import Element, SubElement, TreeBuilder, XMLParser


def attempt(f, *args, **kw):
    try:
        r = f(*args, **kw)
        print(show(r))
    except Exception as e:
        print(type(e).__name__, e)


def show(x):
    if isinstance(x, Element):
        return f"<{x.tag if callable(x.tag) is False else x.tag.__name__!r} {x.attrib} {x.text!r} {[show(c) for c in x]} {x.tail!r}>"
    if isinstance(x, (list, tuple)):
        return [show(i) for i in x]
    return type(x).__name__ if isinstance(x, XMLParser) else repr(x)


def tree():
    return ET.XML("<body><tag class='a'>text</tag>tail<tag class='b' /><section><tag class='c' id='inner'>sub<b>x</b>y</tag></section></body>")


# Making elements.
attempt(Element, "a")
attempt(Element, "a", {"x": "1"}, y="2")
attempt(Element, "a", attrib={"x": "1"}, y="2")
attempt(Element, "a", x="1", tag="2")
attempt(Element)
attempt(Element, "a", {}, 1)
attempt(Element, "a", 1)
attempt(Element, "a", None)
attempt(Element, "a", attrib=1)
attempt(Element, 1, {2: 3})
attempt(SubElement, Element("p"), "c", {"x": "1"}, y="2")
attempt(SubElement, Element("p"), "c", attrib={"x": "1"})
attempt(SubElement, "p", "c")
attempt(SubElement, Element("p"))
attempt(SubElement)
attempt(SubElement, Element("p"), "c", 1)
attempt(SubElement, Element("p"), "c", {}, 1)
given = {"x": "1"}
e = Element("a", given)
e.set("y", "2")
print(given, e.attrib, e.get("x"), e.get("z"), e.get("z", 5), e.get(key="y", default=1), e.keys(), e.items())
bare = Element("a")
print(bare.keys(), bare.items(), bare.get("x"), bare.attrib is bare.attrib, bare.attrib)
attempt(e.get)
attempt(e.get, [])
attempt(e.set, "a")
print(repr(Element("a"))[:16], repr(Element(None))[:17], str(Element("{n}a"))[:20])
loop = Element("a")
loop.tag = loop
try:
    repr(loop)
except RuntimeError as err:
    print(err)


class Recursive(str):
    def __repr__(self):
        return "R"


print(repr(Element(Recursive("x")))[:12])

# Attributes.
e = Element("a")
e.text, e.tail, e.tag = "text", b"tail", 5
print(e.text, e.tail, e.tag)
for name in ("text", "tail", "tag", "attrib", "other"):
    try:
        delattr(e, name)
    except Exception as err:
        print(name, type(err).__name__, err)
for name, value in (("attrib", 1), ("attrib", None), ("other", 1)):
    try:
        setattr(e, name, value)
    except Exception as err:
        print(name, type(err).__name__, err)
e.attrib = {"k": "v"}
print(e.attrib, e.items(), hasattr(e, "__dict__"), hasattr(Element, "__iter__"), isinstance(e, collections.abc.Iterable))

# Children.
e = Element("p")
for i in range(7):
    e.append(Element(f"c{i}"))
tags = lambda x=None: [c.tag for c in (e if x is None else x)]
print(len(e), bool(e), bool(Element("x")), tags(), e[0].tag, e[-1].tag, e[True].tag)
for i in (7, -8, "x", None, 1.0, 2**70):
    attempt(lambda: e[i].tag)
for s in (slice(None), slice(1, 3), slice(None, None, 2), slice(None, None, -1), slice(5, 1, -2), slice(-3, None), slice(3, 1), slice(0, 100, 3)):
    print(s, tags(e[s]))
attempt(lambda: e["a":"b"])
attempt(lambda: e[::0])
for s, new in ((slice(0, 0), 2), (slice(1, 3), 3), (slice(2, 6), 1), (slice(None, None, 2), 4), (slice(5, 1, -2), 2), (slice(3, 1), 2)):
    f = copy.copy(e)
    f[s] = [Element(f"n{i}") for i in range(new)]
    print(s, tags(f))
for s in (slice(0, 0), slice(1, 3), slice(None, None, 2), slice(None, None, 3), slice(6, 0, -2), slice(3, 1), slice(None), 2, -1):
    f = copy.copy(e)
    del f[s]
    print(s, tags(f), len(f))
f = copy.copy(e)
for key, value in ((slice(0, 2), 5), (slice(0, 2), ["x"]), (slice(0, 6, 2), [Element("x")]), (0, "x"), (0, None), (9, Element("x")), ("k", Element("x")), (slice(0, 1), None)):
    try:
        f[key] = value
    except Exception as err:
        print(key, type(err).__name__, err)
try:
    del f[9]
except IndexError as err:
    print(err)
f[:] = f
print(tags(f))
f[1:2] = (c for c in [Element("g")])
f[-1] = Element("last")
print(tags(f))
f.insert(0, Element("i0")); f.insert(-1, Element("i-1")); f.insert(100, Element("i100")); f.insert(-100, Element("i-100"))
print(tags(f))
f.extend([Element("x1"), Element("x2")]); f.extend(iter([Element("x3")])); f.extend(())
print(tags(f)[-4:])
for call in (lambda: f.append(1), lambda: f.append(), lambda: f.insert(0, 1), lambda: f.insert("x", Element("x")), lambda: f.extend([1]), lambda: f.extend(5), lambda: f.remove(1),
             lambda: f.remove(Element("zz")), lambda: f.makeelement("a"), lambda: f.makeelement("a", 1), lambda: f.makeelement("a", {"x": "y"})):
    attempt(call)
f.remove(f[0])
print(tags(f)[:2])


class Same(Element):
    def __eq__(self, other):
        return True
    __hash__ = None


f = Element("p")
f.append(Same("s")); f.append(Element("t"))
f.remove(Element("u"))
print(tags(f))
f.clear()
print(show(f), len(f))


class Index:
    def __index__(self):
        del g[2:]
        return 4


g = copy.copy(e)
print(tags(g[Index():]), tags(g))
g = copy.copy(e)
g[0:Index()] = [Element("z")]
print(tags(g))


class Counted:
    asked = 0

    def __index__(self):
        Counted.asked += 1
        return 2


g = copy.copy(e)
g[:Counted()]
g[:Counted()] = [Element("z")]
del g[:Counted()]
print(Counted.asked, tags(g))

# Iteration.
t = tree()
print([c.tag for c in t.iter()], [c.tag for c in t.iter("tag")], [c.tag for c in t.iter("*")], [c.tag for c in t.iter(None)], list(t.iter(b"tag")), len(list(t.iter(b"*"))))
print(list(t.itertext()), list(t[2].itertext()), "".join(t.itertext()))
it = t.iter()
print(type(it), iter(it) is it, next(it).tag)
attempt(type(it))
print(list(Element("a").itertext()))
growing = Element("r")
growing.append(Element("a"))
n = 0
for c in growing.iter():
    n += 1
    if n < 6:
        c.append(Element(f"d{n}"))
print(n, show(growing))
for c in growing:
    if len(growing) < 5:
        growing.append(Element("more"))
print(len(growing), [c.tag for c in reversed(growing)])

# Searches.
for path in ("tag", "section/tag", ".//tag", "*", "nothing", "./tag", "tag[@class='b']", "{}tag", "{*}tag", "{x}tag", "section//b", ".", "tag[2]", "tag[last()]", b"tag", "..", 5):
    for f in (t.find, t.findall, t.findtext, lambda p: list(t.iterfind(p))):
        attempt(f, path)
attempt(t.findtext, "nothing", "default")
attempt(t.findtext, "tag", default=1, namespaces={})
attempt(t.find, "n:tag", {"n": ""})
attempt(t.find, path="n:tag", namespaces={"m": "x"})
attempt(t.find)
ns = ET.XML("<a xmlns='u' xmlns:p='v'><b p:k='1'>x</b><p:b>y</p:b></a>")
print(show(ns), ns.findtext("{u}b"), ns.findtext("q:b", namespaces={"q": "v"}), ns.find("b", {"": "u"}).text)


class EqualTag:
    def __eq__(self, other):
        ns.clear()
        return True


print(show(ns.find("{u}b")))
odd = Element("p")
odd.append(Element(EqualTag())); odd.append(Element("x"))
print(odd.find("x") is odd[0], len(odd.findall("x")))

# Copies and pickles.
t = tree()
t[0].attrib["n"] = "1"
c, d = copy.copy(t), copy.deepcopy(t)
print(show(c) == show(t), c[0] is t[0], show(d) == show(t), d[0] is t[0], d[0].attrib is t[0].attrib)
shared = Element("s")
both = Element("p")
both.extend([shared, shared])
twice = copy.deepcopy(both)
print(twice[0] is twice[1])
mine = [1]
odd = Element("p", {"k": mine})
odd.text = mine
again = copy.deepcopy(odd)
print(again.text == mine, again.text is mine, again.attrib["k"] is again.text)
for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
    print(show(pickle.loads(pickle.dumps(t, protocol))) == show(t))
print(sorted(t[0].__getstate__().items()), Element("a").__getstate__())
e = Element("a")
e.__setstate__({"tag": "x", "text": "t", "_children": [Element("c")], "attrib": {"k": "v"}})
print(show(e))
for state in (1, {"tag": "x", "wrong": 1}, {"_children": 1}, {"tag": "x", "_children": 1}, {"tag": "x", "_children": [1]}, {"tag": 1, "attrib": {5: 6}}, {"tag": "y"}, {}):
    attempt(e.__setstate__, state)
print(show(e))
attempt(e.__deepcopy__, 1)
print(sys.getsizeof(Element("a")) > 50, e.__sizeof__() > Element("a").__sizeof__())
r = weakref.ref(e)
print(r() is e)


class Sub(Element):
    def __init__(self, tag, extra):
        super().__init__(tag, {"k": "v"})
        self.extra = extra


s = Sub("t", [1])
s.append(Sub("u", [2]))
print(show(s), s.extra, s.__dict__, type(copy.copy(s)), show(copy.deepcopy(s)))
attempt(Sub, "t")
print(Element.__new__(Element).tag, Element.__new__(Sub).text)

# Builders.
b = TreeBuilder()
b.start("a", {"x": "1"}); b.data("one"); b.data("two"); b.start("b", {}); b.data("in"); print(b.end("b").tag); b.data("tail"); b.end("a")
print(show(b.close()))
attempt(TreeBuilder().close)
attempt(TreeBuilder().end, "a")
attempt(TreeBuilder().data, "ignored")
attempt(TreeBuilder().start, "a", [])
attempt(TreeBuilder().start, "a")
attempt(TreeBuilder().comment, "c")
attempt(TreeBuilder().pi, "t", "x")
attempt(TreeBuilder().pi, "t")
b = TreeBuilder()
b.start("a", {}); b.end("a")
attempt(b.start, "b", {})
b = TreeBuilder()
b.start("a", {}); b.data(5)
attempt(lambda: b.end("a").text)
b = TreeBuilder()
b.start("a", {}); b.data(5); b.data("x")
attempt(lambda: b.end("a").text)


class Made(Element):
    pass


made = []


def factory(tag, attrib):
    made.append((tag, attrib))
    return Made(tag, attrib)


b = TreeBuilder(factory, comment_factory=lambda t: Element("comment", {"t": t}), pi_factory=lambda t, x: Element("pi", {"t": t, "x": str(x)}), insert_comments=True, insert_pis=True)
p = XMLParser(target=b)
p.feed("<a><!--c-->x<?t y?>z<b>in</b><!--d--></a>")
print(show(p.close()), made, type(b.close()))
attempt(TreeBuilder, 1, 2)
attempt(TreeBuilder, x=1)


class Plain:
    "An element that is none."
    def __init__(self, tag, attrib):
        self.tag, self.attrib, self.text, self.tail, self.items = tag, attrib, None, None, []
    def append(self, x):
        self.items.append(x)
    def __repr__(self):
        return f"P({self.tag}, {self.attrib}, {self.text!r}, {self.items}, {self.tail!r})"


p = XMLParser(target=TreeBuilder(Plain))
p.feed("<a k='v'>one<b/>two<c>x&amp;y</c></a>")
print(p.close())

# Parsers.
p = XMLParser()
print(type(p.target), p.entity, p.version.startswith("Expat "), ET.XMLParser is XMLParser)
for name in ("target", "entity", "version"):
    try:
        setattr(p, name, 1)
    except AttributeError as err:
        print(name)
attempt(XMLParser, 1)
attempt(XMLParser, encoding=1)
attempt(XMLParser, encoding="nothing")
attempt(lambda: XMLParser.__new__(XMLParser).feed("x"))
for document in ("", "<", "<a>", "<a></b>", "<a>&undefined;</a>", "<a b=1/>", "<a/><b/>", b"\xff", "<a>\0</a>", "<a b='1' b='2'/>", "<x:a/>", "<a xmlns:x='u' x:k='1' k='2'/>",
                 "<a>\u20ac\U0001f600</a>", "<\u00e9l\u00e9ment \u20ac='x'/>", "<\u00e9 \u00e8='1'><\u00e9/></\u00e9>", b"<?xml version='1.0' encoding='cp1252'?><a>\x80</a>",
                 b"<?xml version='1.0' encoding='nothing'?><a/>", "<a>one<!-- c -->two<?p i?>three<b/>four<![CDATA[<five>]]>six</a>", "<!DOCTYPE a [<!ENTITY e '<b>x</b>y'>]><a>&e;&e;</a>",
                 "<a xmlns='one'><b xmlns='two' c='d'/><c xmlns=''/></a>", "<a xml:lang='de'/>", "<!DOCTYPE a PUBLIC 'p' 's'><a/>", "<a>]]></a>", "  <a/>  ", "<a/>x"):
    try:
        print(show(ET.fromstring(document)))
    except ET.ParseError as err:
        print(document, err, err.code, err.position, err.args, err.lineno)
    except Exception as err:
        print(document, type(err).__name__, err)
p = XMLParser()
p.entity["name"] = "text"
p.entity["odd"] = 5
p.feed("<!DOCTYPE a SYSTEM 'x'><a>one &name; two</a>")
print(show(p.close()))
for data in (1, None, [], bytearray(b"<a/>"), memoryview(b"<a/>")):
    p = XMLParser()
    attempt(p.feed, data)
p = XMLParser()
p.feed("<a/>")
print(show(p.close()))
attempt(p.feed, "<b/>")
attempt(p.close)


class Target:
    def __init__(self, *names):
        self.log = []
        for name in names:
            setattr(self, name, lambda *a, n=name: self.log.append((n, *a)))
    def close(self):
        return self.log


for names in ((), ("start",), ("start", "end", "data", "comment", "pi", "doctype", "start_ns", "end_ns")):
    p = XMLParser(target=Target(*names))
    p.feed("<!DOCTYPE a SYSTEM 's'><a k='v' xmlns:x='u'><!--c--><?p i?>t<x:b/>&lt;<c xmlns='d'/></a>")
    print(p.close(), p.target.log is not None)


class Failing(Target):
    def start(self, tag, attrib):
        if tag == "b":
            raise KeyError(tag)
        self.log.append(tag)


p = XMLParser(target=Failing())
attempt(p.feed, "<a><b/><c/></a>")
print(p.target.log)
p = XMLParser(target=Failing())
p.feed("<a>")
attempt(p.feed, "</a><b/>")


class WithDoctype(XMLParser):
    def doctype(self, *args):
        print("never")


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    p = WithDoctype()
    p.feed("<!DOCTYPE a><a/>")
    print([(w.category.__name__, str(w.message)) for w in caught])

# Whole files, pieces.
text = "<a>" + "".join(f"<b n='{i}'>text {i} &lt;\u20ac</b>\n" for i in range(3000)) + "</a>"
expected = ET.tostring(ET.fromstring(text))
print(len(expected), expected == ET.tostring(ET.parse(io.BytesIO(text.encode())).getroot()), expected == ET.tostring(ET.parse(io.StringIO(text)).getroot()))
for step in (1, 13, 1000):
    p = XMLParser()
    for i in range(0, len(text), step):
        p.feed(text[i:i + step])
    print(step, ET.tostring(p.close()) == expected)


class Reader:
    def __init__(self, *pieces):
        self.pieces = list(pieces)
    def read(self, n=-1):
        x = self.pieces.pop(0) if self.pieces else b""
        if isinstance(x, Exception):
            raise x
        return x


for file in (Reader(b"<a>", b"</a>"), Reader("<a>", "</a>"), Reader(b"<a>", ValueError("x")), Reader(b"<a/>", None), Reader(5), Reader(bytearray(b"<a/>"))):
    attempt(lambda: ET.parse(file).getroot())

# Events.
document = b"<!DOCTYPE a><a xmlns='d' xmlns:p='u'><!--c--><?pi x?><p:b>t</p:b><c/></a>"
for events in (None, ("start", "end"), ("start-ns", "end-ns"), ("comment", "pi"), ("start", "start-ns", "end", "end-ns", "comment", "pi"), (), [b"start"], "start"):
    try:
        print(events, [(e, x.tag if isinstance(x, Element) and isinstance(x.tag, str) else x.text if isinstance(x, Element) else x) for e, x in ET.iterparse(io.BytesIO(document), events)])
    except Exception as err:
        print(events, type(err).__name__, err)
for events in (("unknown",), (5,), 5):
    attempt(lambda: list(ET.iterparse(io.BytesIO(document), events)))
p = XMLParser()
attempt(p._setevents, [])
attempt(p._setevents, [], ["bogus"])
attempt(XMLParser(target=Target())._setevents, [], ["start"])
attempt(p._setevents, object())
out = []
p = XMLParser()
p._setevents(out)
p.feed("<a><b/></a>")
print(show(out))
pull = ET.XMLPullParser(("start", "end"))
pull.feed("<a><b>")
print([(e, x.tag) for e, x in pull.read_events()])
pull.feed("</b></a>")
print([(e, x.tag) for e, x in pull.read_events()], pull.close())

# Serialisation.
t = tree()
t.append(ET.Comment("note"))
t.append(ET.ProcessingInstruction("do", "it"))
print(ET.tostring(t), ET.tostring(t, "unicode"), ET.tostring(t, method="text"), ET.tostring(t, method="html"))
ET.indent(t)
print(ET.tostring(t, "unicode"))
print(ET.canonicalize("<a b='1' a='2'><b/></a>"))
from xml.etree import ElementInclude, ElementPath
from _elementtree import _set_factories
old = _set_factories(None, None)
print(old == (ET.Comment, ET.PI), _set_factories(*old))
attempt(_set_factories, 1, None)
attempt(_set_factories, None, 1)

# Deep trees.
deep = "<a>" * 5000 + "</a>" * 5000
root = ET.fromstring(deep)
print(sum(1 for _ in root.iter()), "".join(root.itertext()))
try:
    ET.tostring(root)
except RecursionError as err:
    print(type(err).__name__)
del root
gc.collect()

# Cycles.
e = Element("a")
e.append(e)
r = weakref.ref(e)
del e
gc.collect()
print(r())
e = Element("a")
e.append(e)
for i, x in enumerate(e.iter()):
    if i == 10000:
        break
print(i, x is e)
print("done")
