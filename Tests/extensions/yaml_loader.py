# PyYAML over libyaml: its C classes load and dump as its Python ones do, with constructors, resolvers and classes of ours.
import datetime, io

import yaml

print(yaml.__with_libyaml__, issubclass(yaml.CSafeLoader, yaml.constructor.SafeConstructor))
TEXT = """
# comment
base: &base {name: x, tags: [a, 'b', "c\\n"], when: 2024-02-29, at: 2001-12-14t21:59:43.10-05:00}
child:
  <<: *base
  name: y
numbers: [1, 0x1f, 0o17, 1_000, 1.5e3, .inf, .nan, -.inf, ~, null, yes, off]
text: |
  line one
   line two
folded: >-
  one
  two
set: !!set {a, b}
omap: !!omap [a: 1, b: 2]
binary: !!binary aGVsbG8=
"unicode é": "\\u263A \\U0001F600"
? "complex key"
: value
"""
slow, fast = yaml.load(TEXT, yaml.SafeLoader.__mro__[0]), yaml.load(TEXT, yaml.CSafeLoader)
print(repr(slow) == repr(fast), fast["child"], fast["numbers"], fast["when"] if "when" in fast else fast["base"]["when"])
print(fast["base"]["at"] == datetime.datetime(2001, 12, 14, 21, 59, 43, 100000, datetime.timezone(datetime.timedelta(hours=-5))), fast["binary"], fast["set"] == {"a", "b"})
print(yaml.dump(fast["base"], Dumper=yaml.CSafeDumper), yaml.dump(fast["base"], Dumper=yaml.CSafeDumper) == yaml.dump(fast["base"], Dumper=yaml.SafeDumper))


class Point(yaml.YAMLObject):
    yaml_tag = "!point"
    yaml_loader = [yaml.CSafeLoader]
    yaml_dumper = yaml.CSafeDumper

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


shared = Point(1, [2])
out = yaml.dump({"a": shared, "b": shared, "c": [shared.y]}, Dumper=yaml.CSafeDumper)
print(out)
back = yaml.load(out, yaml.CSafeLoader)
print(back, back["a"] is back["b"], back["c"][0] is back["a"].y)


class Loader(yaml.CLoader):
    depth = 0

    def construct_sequence(self, node, deep=False):
        Loader.depth += 1
        return super().construct_sequence(node, deep)


def construct(loader, node):
    return "%s:%s" % (type(loader).__name__, loader.construct_scalar(node))


Loader.add_constructor("!mine", construct)
Loader.add_implicit_resolver("!mine", __import__("re").compile(r"^<<.*>>$"), ["<"])
Loader.add_multi_constructor("!py/", lambda loader, suffix, node: (suffix, loader.construct_mapping(node)))
print(yaml.load("[!mine abc, <<x>>, !py/thing {a: 1}]", Loader), Loader.depth)


class Dumper(yaml.CDumper):
    def ignore_aliases(self, data):
        return True

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


Dumper.add_representer(complex, lambda d, c: d.represent_scalar("!complex", f"{c.real}+{c.imag}"))
Dumper.add_multi_representer(Exception, lambda d, e: d.represent_sequence("!error", [type(e).__name__, *e.args]))
print(yaml.dump([1j, KeyError("k"), "multi\nline", "é", [shared.y, shared.y]], Dumper=Dumper, allow_unicode=True, width=40, default_style=None, sort_keys=False))

for bad in ("a: [1, 2", "a: b: c", "\tx: 1", "&a [*b]", "- !unknown x", "{a: 1, a", "key: 'unclosed"):
    try:
        yaml.load(bad, yaml.CSafeLoader)
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        print(type(e).__name__, mark and (mark.line, mark.column), str(e).splitlines()[-1].strip())


class Stream:
    """Hands out text in small pieces."""

    def __init__(self, text):
        self.text, self.reads = text, 0

    def read(self, size=-1):
        self.reads += 1
        piece, self.text = self.text[:7], self.text[7:]
        return piece


source = Stream("items:\n" + "".join(f"- {{id: {i}, name: 'n{i}'}}\n" for i in range(50)))
print(len(yaml.load(source, yaml.CSafeLoader)["items"]), source.reads > 10)
written = io.StringIO()
print(yaml.dump_all([{"a": 1}, [2]], written, Dumper=yaml.CSafeDumper, explicit_start=True, explicit_end=True), repr(written.getvalue()))
print([type(e).__name__ for e in yaml.parse("a: [1, *x]\n--- &x b", yaml.CLoader)])
print([t.__class__.__name__ for t in yaml.scan("{a: b}", yaml.CLoader)], list(yaml.load_all("--- 1\n--- 2\n", yaml.CLoader)))
node = yaml.compose("a: [1, 2]", yaml.CLoader)
print(node.tag, node.value[0][1].value[1].value, yaml.serialize(node, Dumper=yaml.CDumper))
print(yaml.emit(yaml.parse("- {a: 1}", yaml.CLoader), Dumper=yaml.CDumper))


def failing():
    raise LookupError("in a read")


class Broken:
    def read(self, size=-1):
        failing()


try:
    yaml.load(Broken(), yaml.CSafeLoader)
except LookupError as e:
    frames, tb = [], e.__traceback__
    while tb:
        frames.append(tb.tb_frame.f_code.co_name)
        tb = tb.tb_next
    print(e, frames[0], frames[-2:])
