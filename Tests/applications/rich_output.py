"""What rich draws: tables, Markdown, highlighted source, trees, tracebacks, reports on objects."""
import io

from rich import inspect
from rich.columns import Columns
from rich.console import Console
from rich.json import JSON
from rich.markdown import Markdown
from rich.panel import Panel
from rich.pretty import Pretty
from rich.progress import track
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

options = dict(width=90, force_terminal=True, color_system="truecolor", legacy_windows=False, _environ={})
console = Console(file=io.StringIO(), **options)
table = Table(title="Planets", show_lines=True)
table.add_column("name", style="cyan")
table.add_column("radius", justify="right")
table.add_column("漢字")
for row in [("Mercury", "2440", "水"), ("Venus", "6052", "金"), ("Earth", "6371", "地")]:
    table.add_row(*row)
text = "# Title\n\n* one\n* two **bold** `code`\n\n```python\ndef f(x): return x\n```\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
console.print(table, Markdown(text))
console.print(Syntax(open(__file__, encoding="utf-8").read(), "python", line_numbers=True, theme="monokai"))
tree = Tree("root")
tree.add("a").add("b")
tree.add("c")
console.print(tree, Panel("in a [bold red]panel[/]"), Pretty({"a": [1, 2, 3] * 20, "b": {"c": (1,)}}))
console.print(Columns(["x" * 5] * 9), JSON('{"a": [1, null, true]}'), Text("wrapped " * 30, justify="full"))
for _ in track(range(3), console=Console(file=io.StringIO(), width=90)):
    pass


def fail(n):
    inner = {"n": n}
    return fail(n - 1) if n else 1 / 0


try:
    fail(2)
except ZeroDivisionError:
    console.print_exception(show_locals=False)


class Kind:
    "What a Kind is."
    a = 1

    def method(self, x: int = 3) -> str:
        "What method does."


inspect(Kind, console=console, methods=True)
print(console.file.getvalue())
