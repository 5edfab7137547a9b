# lxml: parsing, trees, XPath with functions of ours, XSLT, schemas, targets, custom element classes, errors, SAX, objectify.
import copy, gc, io, pickle

from lxml import etree, objectify, html


def error(function, *args):
    try:
        return function(*args)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


root = etree.fromstring(b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e "entity">]>
<r xmlns:n="urn:n" a="1"><!-- c --><x i="1">one<y/>tail</x><x i="2">&e;</x><n:z n:q="v"/><?pi data?></r>""")
print(root.tag, root.attrib, len(root), [type(c).__name__ for c in root], root[1].text, root[1][0].tail, root.nsmap)
print(root.xpath("//x[@i='2']/text()"), root.xpath("count(//x)"), root.xpath("//n:z/@n:q", namespaces={"n": "urn:n"}), root.xpath("//x[@i=$v]", v="1")[0] is root[1])
print(root.find("x").get("i"), root.findall(".//{urn:n}z")[0].tag, root.findtext("x"), [e.tag for e in root.iter("x", "y")], root[1].getparent() is root)
e = etree.SubElement(root, "new", {"k": "v"}, extra="é")
e.text, e.tail = "t", "\n"
e.set("num", "5")
root.insert(0, etree.Comment("first"))
root.remove(root[2])
print(etree.tostring(root, encoding="unicode"))
print(etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="ascii")[:60], etree.tostring(root, method="text", encoding="unicode").strip())
print(error(setattr, e, "text", "a\0b"), error(etree.SubElement, root, "bad name"), error(root.append, 5), error(root.xpath, "//["))

# The same proxy as long as it is held, and again afterwards.
first = root.find("new")
print(root.find("new") is first, copy.deepcopy(first) is first, etree.tostring(copy.deepcopy(first)))
del first
gc.collect()
print(root.find("new").get("k"))

# Functions of ours, called by libxml2.
functions = etree.FunctionNamespace("urn:f")
functions.prefix = "f"


@functions
def double(context, values):
    return [str(float(v) * 2) for v in values] and float(values[0]) * 2


functions["fail"] = lambda context: 1 // 0
print(root.xpath("f:double(//@num)"), error(root.xpath, "f:fail()"))


class Item(etree.ElementBase):
    @property
    def price(self):
        return float(self.get("price", 0))

    def _init(self):
        made.append(self.tag)


made = []
lookup = etree.ElementNamespaceClassLookup()
lookup.get_namespace(None)["item"] = Item
parser = etree.XMLParser()
parser.set_element_class_lookup(lookup)
shop = etree.XML("<shop><item price='1.5'/><item price='2'/><other/></shop>", parser)
print(sum(i.price for i in shop.findall("item")), type(shop[0]) is Item, type(shop[2]).__name__, len(made) >= 2)


class Target:
    def __init__(self):
        self.events = []

    def start(self, tag, attributes):
        self.events.append(("start", tag, dict(attributes)))

    def end(self, tag):
        self.events.append(("end", tag))

    def data(self, text):
        self.events.append(("data", text))

    def comment(self, text):
        self.events.append(("comment", text))

    def close(self):
        return self.events


print(etree.XML("<a b='c'>t<!--k--><d/></a>", etree.XMLParser(target=Target())))


class Raising(Target):
    def start(self, tag, attributes):
        raise KeyError(tag)


print(error(etree.XML, "<a/>", etree.XMLParser(target=Raising())))


class Resolver(etree.Resolver):
    def resolve(self, url, public, context):
        return self.resolve_string(f'<!ENTITY who "{url}">', context)


dtd_parser = etree.XMLParser(load_dtd=True, no_network=True, resolve_entities=True)
dtd_parser.resolvers.add(Resolver())
print(etree.fromstring('<!DOCTYPE a SYSTEM "made-up.dtd"><a>&who;</a>', dtd_parser).text)

style = etree.XSLT(etree.XML("""<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:m="urn:m">
<xsl:param name="p" select="'none'"/><xsl:template match="/"><out p="{$p}"><xsl:for-each select="//item"><xsl:sort select="@price" order="descending"/>
<i><xsl:value-of select="m:shout(string(@price))"/></i></xsl:for-each></out></xsl:template></xsl:stylesheet>"""),
    extensions={("urn:m", "shout"): lambda context, text: text + "!"})
print(str(style(shop, p=etree.XSLT.strparam("it's"))).splitlines()[-1])
schema = etree.XMLSchema(etree.XML("""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="n" type="xs:int"/></xs:schema>"""))
print(schema.validate(etree.XML("<n>5</n>")), schema.validate(etree.XML("<n>x</n>")), schema.error_log.last_error.type_name, error(schema.assertValid, etree.XML("<m/>"))[:50])
relax = etree.RelaxNG(etree.XML('<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><text/></element>'))
print(relax(etree.XML("<a>t</a>")), relax(etree.XML("<a><b/></a>")), etree.DTD(io.StringIO("<!ELEMENT a EMPTY>")).validate(etree.XML("<a/>")))

for bad in ("<a><b></a>", "<a", "", "<a>&x;</a>", "<a b=c/>", "<a/><b/>"):
    try:
        etree.fromstring(bad)
    except etree.XMLSyntaxError as e:
        print(type(e).__name__, e.position, e.code, e.msg, isinstance(e, SyntaxError))


class Stream:
    def __init__(self, pieces):
        self.pieces = list(pieces)

    def read(self, size):
        return self.pieces.pop(0) if self.pieces else b""


print([(event, e.tag) for event, e in etree.iterparse(Stream([b"<a><b>", b"x</b><c", b"/></a>"]), events=("start", "end"))])
feed = etree.XMLPullParser(events=("end",))
feed.feed("<a><b/>")
print([e.tag for _, e in feed.read_events()], feed.feed("</a>"), feed.close().tag)
buffer = io.BytesIO()
with etree.xmlfile(buffer, encoding="utf-8") as xf:
    with xf.element("log", version="1"):
        for i in range(3):
            xf.write(etree.Element("line", n=str(i)))
print(buffer.getvalue())
page = html.fromstring("<div class='k'><p>Hi <b>you<p>two<a href='/x'>l</a></div>")
page.make_links_absolute("http://h/")
print(html.tostring(page), [l[2] for l in page.iterlinks()], page.xpath("//p")[0].text_content())
thing = objectify.fromstring("<r><n>5</n><f>1.5</f><s>text</s><n>6</n><b>true</b></r>")
print(thing.n + 1, thing.f * 2, thing.s.text.upper(), thing.s + "ed", [int(n) for n in thing.n], bool(thing.b), pickle.loads(pickle.dumps(thing)).n == 5)
thing.added = [1, "two"]
print(etree.tostring(thing.added[1]).split(b">")[1], objectify.dump(thing).count("\n"))
out = io.BytesIO()
etree.ElementTree(etree.XML("<a><b>1</b></a>")).write_c14n(out)
print(out.getvalue(), etree.canonicalize("<a  z='1' b='2'/>"))
