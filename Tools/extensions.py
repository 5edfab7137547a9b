#!/usr/bin/env python3
"""Tries third-party C extensions: the programs of Tests/extensions have to print on Amphis what they print on CPython.

  extensions.py [--interp PATH] [--cpython /usr/bin/python3] [--cache DIR] [--write docs/extensions.md] [--options "..."] [NAME...]
  extensions.py --numpy-tests [--timeout S] [MODULE...]

The packages are the wheels that an index has for CPython 3.11, installed by Amphis's own pip into an environment that `INTERP -m venv` makes in the
cache; a second run needs no network. CPython finds them by PYTHONPATH. --write puts the table of results into its place on the page. --numpy-tests
runs the modules of numpy._core.tests by pytest, one process each, on both interpreters, and counts what passes of what passes on CPython.
Exit code 1 when a program prints something else, or less than 95 % of numpy's tests pass.
"""
import argparse, os, re, shutil, subprocess, sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAMS = os.path.join(HERE, "Tests", "extensions")
# package, version, program, what it tries
PACKAGES = [
    ("numpy", "2.4.6", "numpy_arrays", "indexing, broadcasting, linalg, einsum, fft, random; `vectorize`, `frompyfunc` and other calls of ours; object arrays of "
     "our instances; memory shared with bytearray, memoryview, array, ctypes, mmap; subclasses, `__array_ufunc__`, `__array_function__`; records, pickles, errors, printing"),
    ("PyYAML", "6.0.4", "yaml_loader", "the C loader and dumper: every scalar and collection, `YAMLObject`, constructors, resolvers, representers, errors with marks, streams, events, nodes"),
    ("lxml", "6.1.3", "lxml_trees", "trees, XPath and XSLT with functions of ours, element classes, parser targets, resolvers, schemas, incremental parsing, HTML, objectify, `XMLSyntaxError`"),
    ("cryptography", "50.0.2", "cryptography_recipes", "Fernet, hashes, MACs, key derivation, AEAD and block ciphers, Ed25519, X25519, ECDSA, RSA, keys as PEM, X.509, errors"),
    ("pydantic-core", "2.50.5", "pydantic_core_schemas", "typed dicts, models with slots, dataclasses, functions as validators and serialisers, 16 kinds of schemas, recursion, JSON, errors"),
    ("msgpack", "1.2.4", "msgpack_streams", "packer and unpacker, hooks, extension types, timestamps, streams, limits"),
    ("greenlet", "3.5.6", "greenlet_import", "the import"),
]
HELPERS = ["pytest==9.2.0", "hypothesis==6.170.17", "typing_extensions==4.16.0"]
BEGIN, END = "<!-- table: make extensions -->\n", "<!-- end of table -->"


def prepare(interp, cache):
    """The folder of the packages, filled if it is not yet."""
    environment = os.path.join(cache, "env")
    python = os.path.join(environment, "bin", "python")
    site = os.path.join(environment, "lib", "python3.11", "site-packages")
    done = os.path.join(cache, "installed")
    wanted = [f"{name}=={version}" for name, version, _, _ in PACKAGES] + HELPERS
    if not os.path.exists(done) or open(done).read().split() != wanted:
        shutil.rmtree(environment, ignore_errors=True)
        subprocess.run([interp, "-m", "venv", environment], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted], check=True)
        with open(done, "w") as out:
            out.write("\n".join(wanted))
    return site


def run(command, site, timeout=300, where=PROGRAMS):
    env = dict(os.environ, PYTHONPATH=site, LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1", PYTHONHASHSEED="0")
    try:
        done = subprocess.run(command, cwd=where, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=timeout)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as e:
        return "timeout", (e.stdout or b"").decode("utf-8", "replace") if isinstance(e.stdout, bytes) else e.stdout or ""


def try_programs(interp, options, cpython, site, names):
    lines, worse = [], 0
    for package, version, program, what in PACKAGES:
        if names and package not in names and program not in names:
            continue
        file = os.path.join(PROGRAMS, program + ".py")
        code, ours = run([interp, *options, file], site)
        if package == "greenlet":
            refused = code == 0 and ours.startswith("ImportError") and "docs/extensions.md" in ours
            result, same = "does not" if refused else "something new", refused
        else:
            expected, theirs = run([cpython, file], site)
            same = code == expected == 0 and ours == theirs
            result = "works" if same else "works with limits" if code == 0 else "does not"
            if not same:
                print(f"{package}: exit codes {expected} and {code}")
                for a, b in zip([*theirs.splitlines(), ""], [*ours.splitlines(), ""]):
                    if a != b:
                        print(f"  CPython: {a}\n  Amphis:  {b}")
                        break
        worse += not same
        lines.append(f"| {package} {version} | {result} | {what} |")
        print(f"{package} {version}: {result}", flush=True)
    return lines, worse


def numpy_tests(interp, options, cpython, site, names, timeout):
    folder = os.path.join(site, "numpy", "_core", "tests")
    names = names or sorted(f[:-3] for f in os.listdir(folder) if f.startswith("test_") and f.endswith(".py"))
    good = total = 0
    for name in names:
        sets = []
        for command in ([cpython], [interp, *options]):
            code, text = run([*command, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--no-header", "--tb=line", os.path.join(folder, name + ".py")], site, timeout)
            sets.append(({m for m in re.findall(r"^PASSED (\S.*)$", text, re.M)}, code))
        (theirs, a), (ours, b) = sets
        if "timeout" in (a, b):
            print(f"{name:32} not within {timeout:.0f} s: CPython {a}, Amphis {b}", flush=True)
            continue
        good, total = good + len(theirs & ours), total + len(theirs)
        print(f"{name:32} {len(theirs & ours):6} of {len(theirs):6}  exit {b}", flush=True)
    print(f"{good} of {total} ({100 * good / max(total, 1):.1f} %)")
    return good < 0.95 * total


def main():
    parser = argparse.ArgumentParser(usage=__doc__.replace("%", "%%"))
    parser.add_argument("--interp", default=os.path.join(HERE, ".build", "release", "amphis"))
    parser.add_argument("--cpython", default="/usr/bin/python3")
    parser.add_argument("--cache", default=os.path.expanduser("~/.cache/amphis-extensions"))
    parser.add_argument("--options", default="")
    parser.add_argument("--write")
    parser.add_argument("--numpy-tests", action="store_true")
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    interp = os.path.abspath(shutil.which(args.interp) or sys.exit(f"no interpreter at {args.interp}"))
    cache = os.path.abspath(args.cache)
    os.makedirs(cache, exist_ok=True)
    site = prepare(interp, cache)
    if args.numpy_tests:
        return numpy_tests(interp, args.options.split(), args.cpython, site, args.names, args.timeout)
    lines, worse = try_programs(interp, args.options.split(), args.cpython, site, args.names)
    if args.write and not args.names:
        page = open(args.write, encoding="utf-8").read()
        head, _, rest = page.partition(BEGIN)
        table = "\n".join(["| package | result | what was tried |", "|---|---|---|", *lines])
        with open(args.write, "w", encoding="utf-8") as out:
            out.write(f"{head}{BEGIN}{table}\n{END}{rest.partition(END)[2]}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
