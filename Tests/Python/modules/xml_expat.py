"""pyexpat: handlers and their arguments, flags, buffering, errors, entities, encodings."""
import gc, io, traceback
from xml.parsers import expat
import pyexpat

DOCUMENT = b"""<?xml version="1.0" encoding="iso-8859-1" standalone="no"?>
<?xml-stylesheet href="stylesheet.css"?>
<!-- comment data -->
<!DOCTYPE quotations SYSTEM "quotations.dtd" [
<!ELEMENT root ANY>
<!ELEMENT list (item+, (a | b)*, c?)>
<!ATTLIST root attr1 CDATA #REQUIRED attr2 CDATA "unspecified">
<!NOTATION notation SYSTEM "notation.jpeg">
<!ENTITY acirc "&#226;">
<!ENTITY external_entity SYSTEM "entity.file">
<!ENTITY unparsed_entity SYSTEM "entity.file" NDATA notation>
%unparsed_entity;
]>
<root attr1="value1" attr2="value2\xe9">
<myns:subelement xmlns:myns="http://www.python.org/namespace">
     Contents of subelements
</myns:subelement>
<sub2><![CDATA[contents of CDATA section]]></sub2>
&external_entity;
&skipped_entity;
\xb5 &acirc;
</root>
"""

NAMES = sorted(n for n in dir(pyexpat.XMLParserType) if n.endswith("Handler") or n == "DefaultHandlerExpand")
print(NAMES)


def recorder(out, name, result=1):
    def handler(*args):
        out.append((name, *args))
        return result
    return handler


def run(namespaces=False, ordered=False, specified=False, prefixes=False, skip=(), feed=None, buffered=False, data=DOCUMENT):
    out = []
    p = expat.ParserCreate(namespace_separator="!" if namespaces else None)
    for n in NAMES:
        if n not in skip:
            setattr(p, n, recorder(out, n))
    p.ordered_attributes = ordered
    p.specified_attributes = specified
    p.namespace_prefixes = prefixes
    p.buffer_text = buffered
    try:
        if feed is None:
            print(p.Parse(data, True))
        elif feed == 0:
            print(p.ParseFile(io.BytesIO(data)))
        else:
            for i in range(0, len(data), feed):
                p.Parse(data[i:i + feed])
            p.Parse(b"", 1)
    except expat.ExpatError as e:
        print("ExpatError", e, e.code, e.lineno, e.offset, e.args)
    return out


for options in (dict(), dict(namespaces=True), dict(namespaces=True, prefixes=True), dict(ordered=True, specified=True), dict(feed=0),
                dict(skip=("DefaultHandler", "DefaultHandlerExpand"))):
    print(options)
    for event in run(**options):
        print("  ", event)
whole = run(buffered=True)
for step in (1, 7, 64):
    print(step, run(feed=step, buffered=True) == whole)

# Text is kept back while it is buffered.
p = expat.ParserCreate()
out = []
p.CharacterDataHandler = out.append
p.buffer_text = True
print(p.buffer_size, p.buffer_text, p.buffer_used)
p.buffer_size = 5
p.Parse(b"<a>1234")
print(p.buffer_used, out)
p.Parse(b"5678")
print(p.buffer_used, out)
p.Parse(b"<b/>90&lt;")
print(out)
p.buffer_size = 100
p.Parse(b"a" * 20)
print(out, p.buffer_used)
p.buffer_text = False
p.Parse(b"bcd</a>", True)
print(out)
p = expat.ParserCreate()
p.buffer_size = 3
print(p.buffer_text)
for value in (0, -1, 10.5, 2**31, None, "x"):
    try:
        p.buffer_size = value
    except Exception as e:
        print(type(e).__name__, e)
for name in ("buffer_size", "buffer_text", "StartElementHandler", "ordered_attributes", "namespace_prefixes"):
    try:
        delattr(p, name)
    except Exception as e:
        print(name, type(e).__name__, e)
for name, value in (("intern", {}), ("ErrorCode", 1), ("nothing", 1)):
    try:
        setattr(p, name, value)
    except Exception as e:
        print(name, type(e).__name__, str(e).replace("attribute 'intern' of 'pyexpat.xmlparser' objects is not writable", "readonly attribute"))

# Errors: code, place, state.
for data in (b"", b"<", b"<a>", b"<a></b>", b"<a b='1' b='2'/>", b"<a/><b/>", b"&x;", b"<a>&x;</a>", b"<a>&#0;</a>", b"<a>\x00</a>", b"\xff\xfe",
             b"<?xml version='1.0' encoding='nothing'?><a/>", b"<?xml version='1.0' encoding='utf-16'?><a/>", b"<a>\xff</a>",
             b"<x:a/>", b" <?xml version='1.0'?><a/>", b"<a><![CDATA[x", "<a>\u20ac<".encode()):
    for separator in (None, " "):
        p = expat.ParserCreate(namespace_separator=separator)
        try:
            print(data, p.Parse(data, True))
        except expat.error as e:
            print(data, e, e.code, e.lineno, e.offset, expat.ErrorString(e.code), expat.errors.codes[expat.ErrorString(e.code)])
        except LookupError as e:
            print(data, repr(e))
        print("  ", p.ErrorCode, p.ErrorLineNumber, p.ErrorColumnNumber, p.ErrorByteIndex, p.CurrentLineNumber, p.CurrentColumnNumber,
              p.CurrentByteIndex)
p = expat.ParserCreate()
p.Parse(b"<a/>", True)
for again in (b"<a/>", b""):
    try:
        p.Parse(again, True)
    except expat.error as e:
        print(e, e.code)

# What a handler raises stops the parser and comes out.
seen = []


def fails(name, attributes):
    seen.append(name)
    if name == "b":
        raise RuntimeError(name)


p = expat.ParserCreate()
p.StartElementHandler = fails
p.EndElementHandler = seen.append
try:
    p.Parse(b"<a><b><c/></b></a>", True)
except RuntimeError as e:
    print(repr(e), [f.name for f in traceback.extract_tb(e.__traceback__) if f.filename == __file__])
print(seen, p.StartElementHandler, p.EndElementHandler)
try:
    p.Parse(b"<d/>", True)
except expat.error as e:
    print(e, e.code)


class Thrower:
    def read(self, n):
        raise OSError("no")


class Odd:
    def __init__(self, *pieces):
        self.pieces = list(pieces)
    def read(self, n):
        return self.pieces.pop(0) if self.pieces else b""


for file in (Thrower(), Odd("text"), Odd(b"x" * 5000), Odd(bytearray(b"<a/>")), object(), Odd(b"<a>", b"</a")):
    try:
        print(expat.ParserCreate().ParseFile(file))
    except Exception as e:
        print(type(e).__name__, e)

# Handlers that change handlers, and look around.
p = expat.ParserCreate()
out = []


def once(data):
    out.append((data, p.GetInputContext()))
    p.CharacterDataHandler = None


def start(name, attributes):
    out.append((name, p.GetInputContext(), p.CurrentByteIndex, p.CurrentLineNumber, p.CurrentColumnNumber))
    p.CharacterDataHandler = once


p.StartElementHandler = start
print(p.GetInputContext())
p.Parse(b"<a>one\ntwo<b x='1'>\nthree</b>\nfour</a>", True)
print(out)

# A parser is not entered twice.
p = expat.ParserCreate()
p.StartElementHandler = lambda n, a: out.append(n)
p.EndElementHandler = lambda n: None
p.Parse("<a>")
p.Parse("</a>", True)

# External entities, parameter entities, foreign DTD.
def external(log, files):
    def create(parser):
        def handler(context, base, system, public):
            log.append((context, base, system, public))
            child = parser.ExternalEntityParserCreate(context)
            log.append((child.intern is parser.intern, child.buffer_text, child.ordered_attributes, child.StartElementHandler is not None))
            child.Parse(files.get(system, b""), True)
            return 1
        return handler
    return create


log = []
p = expat.ParserCreate()
p.SetBase("/base/")
print(p.GetBase(), expat.ParserCreate().GetBase())
p.StartElementHandler = lambda n, a: log.append((n, a))
p.CharacterDataHandler = lambda t: log.append(t)
p.ExternalEntityRefHandler = external(log, {"one.xml": b"<inside x='1'>text</inside>"})(p)
p.Parse(b"<!DOCTYPE a [<!ENTITY one SYSTEM 'one.xml'>]><a>&one;</a>", True)
print(log)
log = []
p = expat.ParserCreate()
print(p.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS))
p.EntityDeclHandler = lambda *a: log.append(a)
p.SkippedEntityHandler = lambda *a: log.append(a)
p.CharacterDataHandler = lambda t: log.append(t)
p.ExternalEntityRefHandler = external(log, {"a.dtd": b"<!ENTITY e 'from outside'><!ENTITY % pe '<!ENTITY f \"inner\">'>%pe;", None: b"<!ENTITY e 'foreign'>"})(p)
p.Parse(b"<!DOCTYPE a SYSTEM 'a.dtd'><a>&e; &f;</a>", True)
print(log)
for flag in (True, False, None):
    log = []
    p = expat.ParserCreate()
    p.UseForeignDTD() if flag is None else p.UseForeignDTD(flag)
    p.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
    p.ExternalEntityRefHandler = external(log, {None: b"<!ELEMENT doc (#PCDATA)*>"})(p)
    p.StartDoctypeDeclHandler = p.EndDoctypeDeclHandler = lambda *a: log.append(a)
    p.Parse(b"<?xml version='1.0'?><doc/>", True)
    print(flag, log)
try:
    p.UseForeignDTD(True)
except expat.error as e:
    print(e, e.code)


def refuses(*args):
    return 0


p = expat.ParserCreate()
p.ExternalEntityRefHandler = refuses
for document in (b"<!DOCTYPE a [<!ENTITY one SYSTEM 'one.xml'>]><a>&one;</a>",):
    try:
        p.Parse(document, True)
    except expat.error as e:
        print(e, e.code)
p = expat.ParserCreate()
p.NotStandaloneHandler = refuses
try:
    p.Parse(b"<!DOCTYPE a SYSTEM 'x'><a/>", True)
except expat.error as e:
    print(e, e.code)
p = expat.ParserCreate()
p.NotStandaloneHandler = lambda: "text"
try:
    p.Parse(b"<!DOCTYPE a SYSTEM 'x'><a/>", True)
except Exception as e:
    print(type(e).__name__, e)

# Encodings that only the codecs know.
for name, data in (("cp1252", b"<a>\x80\xe9</a>"), ("koi8-r", b"<a>\xc1</a>"), ("utf-8", "<a>\u20ac\U0001f600</a>".encode()),
                   ("utf-16", "<a>\u20ac\U0001f600</a>".encode("utf-16")), ("shift_jis", b"<a>\x88\x9f</a>"), ("gb2312", b"<a/>"),
                   ("no-such", b"<a/>"), ("cp037", b"<a/>"), ("punycode", b"<a/>")):
    out = []
    p = expat.ParserCreate(name)
    p.CharacterDataHandler = out.append
    p.buffer_text = True
    try:
        p.Parse(data, True)
    except Exception as e:
        print(name, type(e).__name__, e)
    print(name, out)
    try:
        expat.ParserCreate().Parse(b"<?xml version='1.0' encoding='%s'?>" % name.encode() + data, True)
    except Exception as e:
        print(name, type(e).__name__, e)

# Interning of names.
p = expat.ParserCreate()
names = []
p.StartElementHandler = lambda n, a: names.append((n, list(a)))
p.Parse(b"<tag a='1'><tag a='2'/></tag>", True)
print(names, sorted(p.intern))
table = {}
p = expat.ParserCreate(intern=table)
p.StartElementHandler = lambda n, a: None
p.Parse(b"<tag/>", True)
print(table, p.intern is table, expat.ParserCreate(intern=None).intern)
for arguments in (dict(intern=1), dict(namespace_separator="too long"), dict(namespace_separator=1), dict(encoding=1), dict(x=1), dict(encoding="a\0b")):
    try:
        expat.ParserCreate(**arguments)
    except Exception as e:
        print(type(e).__name__, e)
for call in (lambda: p.Parse(1), lambda: p.Parse(None), lambda: p.SetBase(1), lambda: p.ExternalEntityParserCreate(1),
             lambda: p.ExternalEntityParserCreate("x", 1), lambda: p.SetParamEntityParsing("x"), lambda: pyexpat.XMLParserType()):
    try:
        print(call())
    except Exception as e:
        print(type(e).__name__, e)

# Model.
models = []
p = expat.ParserCreate()
p.ElementDeclHandler = lambda n, m: models.append((n, m))
p.Parse(b"<!DOCTYPE a [<!ELEMENT a (b, (c | d)+, e?)*><!ELEMENT b EMPTY><!ELEMENT c ANY><!ELEMENT d (#PCDATA | x)*>]><a/>", True)
print(models)
deep = b"<!DOCTYPE a [<!ELEMENT a " + b"(" * 300 + b"b" + b")" * 300 + b">]><a/>"
p = expat.ParserCreate()
p.ElementDeclHandler = lambda n, m: models.append(m)
p.Parse(deep, True)
depth, m = 0, models[-1]
while m[3]:
    depth, m = depth + 1, m[3][0]
print(depth, m)

# Contents of the module.
print(pyexpat.EXPAT_VERSION.startswith("expat_"), pyexpat.version_info[:1], pyexpat.native_encoding, [n for n, _ in pyexpat.features][:2])
print(expat.ErrorString(4), expat.ErrorString(0), expat.ErrorString(1000), expat.ErrorString(-1))
print({n: v for n, v in vars(expat.model).items() if n.startswith("XML")})
print(sorted(n for n in vars(expat.errors) if n.startswith("XML"))[:50])
print(expat.errors.messages == {v: k for k, v in expat.errors.codes.items()}, len(expat.errors.codes) > 40)
print(expat.errors.__name__, expat.model.__name__)
print(expat.ExpatError, expat.ExpatError is expat.error, expat.ExpatError.__mro__, pyexpat.XMLParserType)
print([n for n in dir(pyexpat.XMLParserType) if not n.startswith("_")])
e = expat.ExpatError("x")
e.code = 4
print(repr(e), e.code)

# Parsers that refer to themselves go away.
import weakref


class Log:
    pass


def cycle():
    log = Log()
    p = expat.ParserCreate()
    log.parser = p
    p.StartElementHandler = lambda n, a: log
    p.Parse(b"<a>")
    return weakref.ref(log)


r = cycle()
gc.collect()
print(r() is None)
for i in range(2000):
    expat.ParserCreate().Parse(b"<a><b>text</b></a>", True)
print("done")
