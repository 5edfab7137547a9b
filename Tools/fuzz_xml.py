#!/usr/bin/python3
"""Compares the XML modules of an interpreter with CPython's on documents made at random: valid ones, broken ones, bytes, in pieces.

  fuzz_xml.py --interp PATH [--seed N] [--count N]

Each case parses one document with pyexpat (all handlers), with XMLParser and a TreeBuilder, and with iterparse; what was reported, the
tree and the error are one line. The same seed gives the same cases. Exit code 1 when a line differs.
"""
import argparse, hashlib, random, subprocess, sys

CONTROL = "/usr/bin/python3"
NAMES = ["a", "b", "c:d", "\u00e9l", "x", "long-name.1", "xml:lang", "xmlns", "xmlns:c"]
TEXTS = ["text", " ", "\n", "&lt;", "&amp;", "&#65;", "&#x1F600;", "\u20ac", "]]>", "&e;", "&f;", "&nothing;", "tail\r\n", "\t", "<", "&", "\0", "\U0001f600"]
HEADS = ["", "<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-8'?>", "<?xml version='1.0' encoding='iso-8859-1'?>",
         "<?xml version='1.0' encoding='cp1252' standalone='yes'?>", "<?xml version='1.1'?>", " <?xml version='1.0'?>"]
DOCTYPES = ["", "", "<!DOCTYPE a>", "<!DOCTYPE a SYSTEM 's'>", "<!DOCTYPE a PUBLIC 'p' 's' [<!ENTITY e 'entity'><!ENTITY f '<b>&e;</b>'>]>",
            "<!DOCTYPE a [<!ELEMENT a (b|c)*><!ATTLIST a k CDATA 'default' l ID #IMPLIED><!ENTITY e SYSTEM 'x'>]>",
            "<!DOCTYPE a [<!ENTITY % p '<!ENTITY e \"inner\">'>%p;]>", "<!DOCTYPE a [<!NOTATION n SYSTEM 'n'><!ENTITY u SYSTEM 'u' NDATA n>]>"]


def element(r, depth):
    name = r.choice(NAMES)
    attributes = "".join(f" {r.choice(NAMES)}='{r.choice(TEXTS[:12])}'" for _ in range(r.choice([0, 0, 0, 1, 2])))
    if r.random() < 0.2:
        return f"<{name}{attributes}/>"
    inner = "".join(content(r, depth) for _ in range(r.choice([0, 1, 2, 4])))
    return f"<{name}{attributes}>{inner}</{name if r.random() < 0.98 else 'other'}>"


def content(r, depth):
    kind = r.random()
    if kind < 0.4 and depth < 6:
        return element(r, depth + 1)
    if kind < 0.8:
        return r.choice(TEXTS[:10] if r.random() < 0.9 else TEXTS)
    return r.choice(["<!-- comment -->", "<?target data?>", "<![CDATA[<data>]]>", "<?t?>", "<!---->", "<![CDATA[]]>"])


def document(r):
    if r.random() < 0.05:
        return bytes(r.randrange(256) for _ in range(r.randrange(40)))
    text = r.choice(HEADS) + r.choice(DOCTYPES) + r.choice(["", "<!--c-->", "<?p i?>"]) + element(r, 0) + r.choice(["", "\n", "<!--end-->", "x", "<a/>"])
    data = text.encode(r.choice(["utf-8"] * 6 + ["utf-16", "latin-1"]), "replace")
    if r.random() < 0.3:
        data = bytearray(data)
        for _ in range(r.choice([1, 1, 3])):
            at = r.randrange(len(data) + 1)
            choice = r.random()
            if choice < 0.4:
                data[at:at + 1] = b""
            elif choice < 0.8:
                data[at:at] = bytes([r.choice(b"<>&;'\"/!?[]-= \n\x00\xff\xc3a")])
            else:
                data[at:at + r.randrange(9)] = data[:r.randrange(12)]
        data = bytes(data)
    return data


def error(e):
    return (type(e).__name__, str(e), getattr(e, "code", None), getattr(e, "position", None), getattr(e, "offset", None))


def events(r, data):
    from xml.parsers import expat
    out = []
    p = expat.ParserCreate(r.choice([None, "utf-8", "iso-8859-1"]), r.choice([None, " ", ""]))
    stops = r.randrange(400)

    def handler(name):
        def handle(*arguments):
            out.append((name, arguments, p.CurrentByteIndex, p.CurrentLineNumber, p.CurrentColumnNumber))
            if len(out) == stops:
                raise KeyError(name)
            return 1
        return handle

    leave = r.random() * 0.6
    for name in sorted(n for n in dir(p) if n.endswith("Handler") or n == "DefaultHandlerExpand"):
        if r.random() > leave:
            setattr(p, name, handler(name))
    p.buffer_text, p.ordered_attributes, p.specified_attributes, p.namespace_prefixes = (r.random() < 0.5 for _ in range(4))
    p.buffer_size = r.choice([1, 10, 8192])
    p.SetParamEntityParsing(r.randrange(3))
    if r.random() < 0.1:
        p.UseForeignDTD()
    step = r.choice([1, 3, 17, 100000])
    try:
        for i in range(0, len(data), step):
            p.Parse(data[i:i + step])
        p.Parse(b"", True)
    except Exception as e:
        out.append(error(e))
    out.append((p.ErrorCode, p.ErrorLineNumber, p.ErrorColumnNumber, p.ErrorByteIndex))
    return out


def shown(x):
    tag = x.tag if isinstance(x.tag, str) else x.tag.__name__
    return (tag, sorted(x.attrib.items()), x.text, [shown(c) for c in x], x.tail)


def trees(r, data):
    import io, xml.etree.ElementTree as ET
    out = []
    builder = ET.TreeBuilder(insert_comments=r.random() < 0.5, insert_pis=r.random() < 0.5) if r.random() < 0.7 else None
    try:
        p = ET.XMLParser(target=builder)
        p.entity["nothing"] = "something"
        step = r.choice([1, 5, 100000])
        for i in range(0, len(data), step):
            p.feed(data[i:i + step])
        out.append(shown(p.close()))
    except Exception as e:
        out.append(error(e))
    try:
        for event, x in ET.iterparse(io.BytesIO(data), [n for n in ("start", "end", "start-ns", "end-ns", "comment", "pi") if r.random() < 0.6]):
            out.append((event, x if x is None or isinstance(x, tuple) else shown(x) if event == "end" else str(x.tag)[:12]))
    except Exception as e:
        out.append(error(e))
    return out


def worker(seed, first, count, verbose):
    for case in range(first, first + count):
        r = random.Random(f"{seed}/{case}")
        data = document(r)
        line = repr((events(r, data), trees(r, data)))
        print(case, hashlib.sha1(line.encode("utf-8", "backslashreplace")).hexdigest() if not verbose else ascii((data, line)))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--interp", default=".build/release/amphis")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--count", type=int, default=2000)
    a.add_argument("--worker", nargs=3, type=int, metavar=("SEED", "FIRST", "COUNT"))
    a.add_argument("--verbose", action="store_true")
    o = a.parse_args()
    if o.worker:
        return worker(*o.worker, o.verbose)

    def run(interpreter, first, count, *more):
        p = subprocess.run([interpreter, __file__, "--worker", str(o.seed), str(first), str(count), *more], capture_output=True, text=True)
        return p.stdout.splitlines() + ([f"exit {p.returncode}: {p.stderr[-500:]}"] if p.returncode else [])

    ours, theirs = run(o.interp, 0, o.count), run(CONTROL, 0, o.count)
    if len(theirs) != o.count or any(line.startswith("exit") for line in theirs[-1:]):
        sys.exit(f"CPython itself has failed: {theirs[-1:]}")
    different = [n for n, (x, y) in enumerate(zip(ours, theirs)) if x != y]
    if len(ours) != len(theirs):
        different.append(min(len(ours), len(theirs)))
    for n in different[:5]:
        print(f"case {n}:")
        for name, interpreter in (("ours", o.interp), ("CPython", CONTROL)):
            print(f"  {name}:", *run(interpreter, n, 1, "--verbose"))
    print(f"{o.count} cases, {len(different)} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
