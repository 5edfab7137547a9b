"""Tracebacks through handlers of expat's, which name the place in C, where its modules are, and names that are one."""
import io, sys, traceback, xml.sax
from xml.parsers import expat
import pyexpat


def fails(*arguments):
    raise RuntimeError(len(arguments))


DOCUMENT = b"""<?xml version="1.0"?><!DOCTYPE a SYSTEM "s" [<!ELEMENT a ANY><!ATTLIST a k CDATA #IMPLIED><!NOTATION n SYSTEM "n">
<!ENTITY e "x"><!ENTITY u SYSTEM "u" NDATA n><!ENTITY f SYSTEM "f">]><a>text<!--c--><?p i?><![CDATA[d]]>&f;&g;</a>"""
for name in sorted(n for n in dir(pyexpat.XMLParserType) if n.endswith("Handler") or n == "DefaultHandlerExpand"):
    for namespaces in (None, " "):
        p = expat.ParserCreate(namespace_separator=namespaces)
        setattr(p, name, fails)
        try:
            p.Parse(DOCUMENT.replace(b"<a>", b"<a xmlns:x='y'>"), True)
        except RuntimeError as e:
            print(name, e, [(f.name, f.filename.rsplit("/", 1)[-1]) for f in traceback.extract_tb(e.__traceback__)])
            text = "".join(traceback.format_exception(e))
            print("pyexpat.c" in text, text.count("File"), e.__traceback__.tb_next.tb_frame.f_code.co_name)
            print(sorted(e.__traceback__.tb_next.tb_frame.f_locals), e.__context__)
        except expat.error as e:
            print(name, e)


class Handler(xml.sax.ContentHandler):
    def startElement(self, name, attributes):
        if name == "b":
            1 / 0


try:
    xml.sax.parse(io.BytesIO(b"<a><b/></a>"), Handler())
except ZeroDivisionError as e:
    print([f.name for f in traceback.extract_tb(e.__traceback__)][-3:])
print(sys.modules["pyexpat.errors"] is pyexpat.errors, sys.modules["pyexpat.model"] is pyexpat.model)
names = []
p = expat.ParserCreate()
p.StartElementHandler = lambda n, a: names.append((n, list(a)))
p.Parse(b"<tag a='1'><tag a='2'/></tag>", True)
print(names[0][0] is names[1][0], names[0][1][0] is names[1][1][0])
