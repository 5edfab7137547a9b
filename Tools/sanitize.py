#!/usr/bin/env python3
"""Runs the scripts of Tests/Python and modules of CPython's own suite once with an executable built with AddressSanitizer.

  sanitize.py --interp PATH [--modules test_dict,test_list] [--scripts PATH...] [--keep FOLDER]

`make sanitize` builds one and runs this. Every report of the sanitizer, of child processes too, goes to a file: one of them fails the run. What a
script prints and which methods pass is shown as well, but decides nothing: frames are larger there, so that the recursion limit of some
scripts comes later than the end of the stack; addresses are reserved by the terabyte, so that no limit on them can be set; and everything takes three times
as long.
"""
import argparse, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODULES = """test_dict test_dictviews test_list test_tuple test_set test_bytes test_long test_float test_unicode test_format test_memoryview test_buffer
test_array test_struct test_re test_json test_pickle test_copy test_generators test_coroutines test_asyncgen test_descr test_class
test_exceptions test_weakref test_gc test_io test_memoryio test_itertools test_functools test_collections test_deque test_ordered_dict
test_heapq test_bisect test_random test_datetime test_decimal test_enum test_dataclasses test_typing test_contextlib test_threading
test_thread test_sys_settrace test_xml_etree test_pyexpat test_ctypes test_zlib test_marshal test_compile test_ast test_tokenize""".split()
# A failed allocation answers null, as without the sanitizer; signals stay faulthandler's and ctypes' own, whose tests raise them; the collector
# scans stacks as they are, so locals stay on them.
OPTIONS = ("detect_leaks=0:detect_stack_use_after_return=0:allocator_may_return_null=1:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:"
           "handle_sigill=0:handle_abort=0")


def headline(text):
    """What was found, and the innermost places of ours."""
    found = re.search(r"ERROR: AddressSanitizer: (.*)", text)
    places = re.findall(r"#\d+ 0x[0-9a-f]+ in (.+)", text)[:6]
    return "\n".join([found.group(1) if found else text.split("\n")[0], *("    " + p for p in places)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interp", required=True)
    parser.add_argument("--modules", default=",".join(MODULES), help="names with commas between; empty: none")
    parser.add_argument("--scripts", nargs="*", default=[os.path.join(HERE, "Tests", "Python")])
    parser.add_argument("--timeout", default="1200")
    parser.add_argument("--keep", help="a folder for the reports and the logs")
    args = parser.parse_args()
    if b"__asan_init" not in open(args.interp, "rb").read():
        parser.error(f"{args.interp} was not built with AddressSanitizer (make sanitize)")
    folder = args.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    reports = os.path.join(os.path.abspath(folder), "report")
    env = dict(os.environ, ASAN_OPTIONS=f"{OPTIONS}:log_path={reports}")
    if args.scripts:
        subprocess.run([sys.executable, os.path.join(HERE, "Tools", "run_scripts.py"), "--interp", args.interp, "--timeout", args.timeout, *args.scripts], env=env)
    names = [n for n in args.modules.split(",") if n]
    if names:
        subprocess.run([sys.executable, os.path.join(HERE, "Tools", "conformance.py"), "--interp", args.interp, "--timeout", "3600", "--stall", args.timeout,
                        *names], env=env)
    found = sorted(n for n in os.listdir(folder) if n.startswith("report."))
    for name in found:
        print(f"{name}: " + headline(open(os.path.join(folder, name), errors="replace").read()))
    print(f"{len(found)} reports of AddressSanitizer" + (f" in {folder}" if found else ""))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
