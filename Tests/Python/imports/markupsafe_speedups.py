# The native form of MarkupSafe's C module, found where the package's file lies, beside the same in Python.
import os
import sys
import tempfile

SOURCE = '''
class Markup(str):
    made = 0
    def __new__(cls, base="", encoding=None, errors="strict"):
        cls.made += 1
        if hasattr(base, "__html__"):
            base = base.__html__()
        return super().__new__(cls, base)
    def __html__(self):
        return self

def plain(s):
    if hasattr(s, "__html__"):
        return Markup(s.__html__())
    return Markup(str(s).replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;").replace("'", "&#39;").replace('"', "&#34;"))

try:
    from ._speedups import escape, escape_silent, soft_str
except ImportError:
    escape = plain
    def escape_silent(s):
        return Markup() if s is None else plain(s)
    def soft_str(s):
        return s if isinstance(s, str) else str(s)
'''

with tempfile.TemporaryDirectory() as folder:
    os.mkdir(os.path.join(folder, "markupsafe"))
    with open(os.path.join(folder, "markupsafe", "__init__.py"), "w") as file:
        file.write(SOURCE)
    if sys.implementation.name != "cpython":
        open(os.path.join(folder, "markupsafe", "_speedups.cpython-311-x86_64-linux-gnu.so"), "w").close()
    sys.path.insert(0, folder)
    import markupsafe
    from markupsafe import Markup, escape, escape_silent, soft_str
    if sys.implementation.name != "cpython":
        module = sys.modules["markupsafe._speedups"]
        assert module.__file__.startswith(folder) and module.__spec__.name == "markupsafe._speedups" and module.__package__ == "markupsafe"
        assert "markupsafe._speedups" not in sys.builtin_module_names


class Html:
    def __html__(self):
        return "<i>"


class Text(str):
    def __str__(self):
        return "other " + self.upper()


class Odd:
    def __str__(self):
        return "<odd>"


class Failing:
    def __str__(self):
        raise KeyError("str")


class FailingHtml:
    def __html__(self):
        raise KeyError("html")


for value in ["", "a", "&", "a<b>&'\"c", "no", "äöü<", "żó\"ł", "😀>", "x" * 100 + "<", "<" * 40, 3, True, None, 2.5, 1 << 70, Html(), Odd(), Markup("<b>"), b"<", [1, "<"]]:
    result = escape(value)
    print(type(result).__name__, ascii(str.__str__(result)), result.isascii())
print(escape(Text("ab")), type(escape(Text("ab"))).__name__)
print(repr(escape_silent(None)), repr(escape_silent("<")), repr(soft_str("<")), repr(soft_str(3)), type(soft_str(Markup("a"))).__name__)
for value in (Failing(), FailingHtml()):
    try:
        escape(value)
    except KeyError as error:
        print(repr(error))
for wrong in ((), (1, 2)):
    try:
        escape(*wrong)
    except TypeError:
        print("TypeError")
text = "a" * 50
print(escape(text) == text, Markup.made > 20)
