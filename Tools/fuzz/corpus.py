"""Pieces of the standard library: statements and expressions cut out of its files."""
import ast
import os
import textwrap
import warnings

ROOT = "/usr/lib/python3.11"
warnings.simplefilter("ignore")


def files(root=ROOT):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in ("__pycache__", "dist-packages", "site-packages"))
        for name in sorted(names):
            if name.endswith(".py"):
                yield os.path.join(folder, name)


class Piece:
    """A statement's text and where its expressions lie in it (byte offsets, outermost first)."""

    __slots__ = ("text", "spans", "compound")

    def __init__(self, text, spans, compound):
        self.text, self.spans, self.compound = text, spans, compound


def spans_of(tree, data):
    starts = [0]
    for line in data.splitlines(True):
        starts.append(starts[-1] + len(line))
    spans = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            # Nodes inside have places of their own text, not of the file's.
            for inner in ast.walk(node):
                inner.lineno = -1
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Starred, ast.Slice)) and getattr(node, "lineno", -1) > 0 and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            spans.append((starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset))
    return spans


class Corpus:
    def __init__(self, random, size, root=ROOT):
        """`size` files chosen at random."""
        self.statements, self.expressions, self.modules = [], [], []
        paths = list(files(root))
        random.shuffle(paths)
        seen = set()
        for path in paths:
            if size == 0:
                break
            with open(path, "rb") as f:
                data = f.read()
            if len(data) > 150_000:
                continue
            try:
                text = data.decode()
                tree = ast.parse(text)
            except (SyntaxError, ValueError):
                continue
            size -= 1
            if len(data) < 20_000:
                self.modules.append(text)
            lines = text.splitlines(True)
            for node in ast.walk(tree):
                if isinstance(node, ast.stmt):
                    first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
                    if node.end_lineno - first > 50:
                        continue
                    piece = textwrap.dedent("".join(lines[first - 1:node.end_lineno]))
                    if not piece.endswith("\n"):
                        piece += "\n"
                    if piece not in seen:
                        seen.add(piece)
                        self.add(piece, random)

    def add(self, text, random):
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            return
        data = text.encode()
        spans = spans_of(tree, data)
        self.statements.append(Piece(data, spans, any(isinstance(s, (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Match)) for s in tree.body)))
        for start, end in random.sample(spans, min(6, len(spans))):
            if 2 < end - start < 250:
                self.expressions.append(data[start:end])
