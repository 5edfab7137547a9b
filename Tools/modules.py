#!/usr/bin/python3
"""Writes docs/modules.md: every C module of CPython 3.11, where Amphis has it from, and the rule that says so.

  modules.py [--check] [--write FILE]

The modules are those of /usr/bin/python3 (built in, and files in lib-dynload); which are native, and why, is read from the headings of
the tables of Sources/PyRuntime/Modules and Sources/PyLibraries; which script compares a native module with its twin, from Tests/twins.tsv.
"""
import argparse, os, re, sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLES = ["Sources/PyRuntime/Modules/ModuleTable.swift", "Sources/PyLibraries/LibraryTable.swift"]
IMP = "Sources/PyRuntime/Modules/Imp/ImpModule.swift"
HEAD = """# C modules of CPython 3.11

Written by `Tools/modules.py` (`make modules`); do not edit. *native*: written in Swift, in `Sources/PyRuntime/Modules` or `Sources/PyLibraries`. *bridged*: libpython's,
loaded on first import. *Python form*: the standard library has the same module in Python, and that runs.

| rule | a module is native because |
|---|---|
| 1 | the semantics of the virtual machine demand it: it sees frames, threads, streams, the heap, iterators or the compiler |
| 2 | most programs load it while they import, or every start does: they would never be free of libpython |
| 3 | crossing costs real programs more than a quarter of their time |

Every other module comes from libpython. A native module that has a twin there is compared with it: `make twins` runs the scripts below natively
and with `--cpython=NAME`.

| module | in CPython | in Amphis | rule | compared with its twin by |
|---|---|---|---|---|
"""
# The VM itself: not in the table of modules.
ALWAYS = {"builtins": "1", "sys": "1"}


def native():
    rules, rule = dict(ALWAYS), None
    for line in (line for table in TABLES for line in open(os.path.join(ROOT, table))):
        if m := re.match(r"\s*// Rule (\d):", line):
            rule = m[1]
        elif m := re.match(r'\s*add\("(\w+)"', line):
            rules[m[1]] = rule
    return rules


def replaced():
    text = re.search(r"static let replaced: \[\(name: StaticString, package: StaticString\)\] = \[(.*?)\]\n", open(os.path.join(ROOT, IMP)).read(), re.S)[1]
    return set(re.findall(r'\("(\w+)"', text))


def twins():
    table = {}
    for line in open(os.path.join(ROOT, "Tests/twins.tsv")):
        if line.strip() and not line.startswith("#"):
            name, script, reason = (line.rstrip("\n") + "\t\t").split("\t")[:3]
            table[name] = (script, reason)
    return table


def page():
    rules, python, scripts = native(), replaced(), twins()
    files = {n.split(".")[0] for n in os.listdir("/usr/lib/python3.11/lib-dynload") if n.endswith(".so")}
    modules = {n: "built in" for n in sys.builtin_module_names} | {n: "file" for n in files}
    lines, counts = [], {}
    for name in sorted(modules | dict.fromkeys(rules, "built in"), key=lambda n: n.lstrip("_")):
        origin = "native" if name in rules else "Python form" if name in python else "bridged"
        counts[origin] = counts.get(origin, 0) + 1
        script, reason = scripts.get(name, ("", ""))
        compared = "; ".join(filter(None, [script and f"`{script}`", reason])) if origin == "native" else ""
        lines.append(f"| `{name}` | {modules.get(name, 'built in')} | {origin} | {rules.get(name, '')} | {compared} |\n")
    total = ", ".join(f"{n} {origin}" for origin, n in sorted(counts.items()))
    return HEAD + "".join(lines) + f"\n{len(lines)} modules: {total}.\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write")
    args = parser.parse_args()
    text = page()
    if args.check:
        if open(os.path.join(ROOT, "docs/modules.md")).read() != text:
            sys.exit("docs/modules.md is not current: run make modules")
    elif args.write:
        open(args.write, "w").write(text)
    else:
        sys.stdout.write(text)


main()
