#!/usr/bin/env python3
"""Compiles the few lines of Python that the bridge runs in libpython, so that no start of libpython has to.

  Tools/bridge/generate.py           writes Sources/CPython/code.h (needs CPython 3.11)
  Tools/bridge/generate.py --check   tells (exit code 1) when it is not current; says nothing under another Python

Compiling them took a seventh of the instructions of a first import of a C module, and brought in the parser and the compiler. All releases
of 3.11 read the same code; `Library.load` takes no others.
"""
import marshal
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = os.path.join(HERE, "..", "..", "Sources", "CPython", "code.h")
# name, source, what it is
PARTS = [("start", "start.py", "stand-ins for what libpython's start reads from files"), ("output", "output.py", "standard streams, warnings and unraisable exceptions"), ("load", "load.py", "loading extension modules")]


def code(file):
    with open(os.path.join(HERE, file), encoding="utf-8") as source:
        return compile(source.read(), "<amphis>", "exec", dont_inherit=True)


def text():
    lines = [
        "// Written by Tools/bridge/generate.py from Tools/bridge/*.py: code that libpython runs, as its `marshal` reads it.",
        "#ifndef AMPHIS_CPYTHON_CODE_H", "#define AMPHIS_CPYTHON_CODE_H"]
    for name, file, what in PARTS:
        data = marshal.dumps(code(file))
        lines += ["", f"/// {file}: {what}.", f"static inline const char *_Nonnull amphis_code_{name}(long *_Nonnull size) {{", "  static const unsigned char bytes[] = {"]
        lines += ["    " + ", ".join(str(b) for b in data[i:i + 32]) + "," for i in range(0, len(data), 32)]
        lines += ["  };", "  *size = sizeof bytes;", "  return (const char *)bytes;", "}"]
    return "\n".join(lines + ["#endif", ""])


def current():
    """Whether the header holds this code. (The same code may be written in more than one way.)"""
    try:
        with open(HEADER, encoding="utf-8") as file:
            header = file.read()
    except FileNotFoundError:
        return False
    for name, source, _ in PARTS:
        found = re.search(rf"amphis_code_{name}\(.*?bytes\[\] = \{{(.*?)\}};", header, re.S)
        if not found or marshal.loads(bytes(int(b) for b in re.findall(r"\d+", found[1]))) != code(source):
            return False
    return True


def main():
    if sys.version_info[:2] != (3, 11):
        sys.exit(0 if "--check" in sys.argv else "generate.py: needs CPython 3.11, this is " + sys.version.split()[0])
    if "--check" in sys.argv:
        if not current():
            sys.exit("Sources/CPython/code.h is not current: make generate")
        return
    with open(HEADER, "w", encoding="utf-8") as file:
        file.write(text())


if __name__ == "__main__":
    main()
