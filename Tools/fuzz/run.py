#!/usr/bin/python3
"""Compares an interpreter's compiler with CPython 3.11's over sources made from the standard library.

  run.py code   [--seed N] [--count N]   valid programs: every field of every code object, every warning
  run.py errors [--seed N] [--count N]   broken ones: type, message, line, column, end, text
  run.py warnings [--seed N] [--count N] what is warned about: category, text, line; as errors: place. And all files of the library.
  run.py parser [--seed N] [--count N]   extremes as well, and anything that kills or hangs the compiler

The same seed and library give the same cases. Differences are grouped and the smallest source of each group is reduced further. Ends with a
line of figures; exit code 1 when anything differed.
"""
import argparse
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from corpus import Corpus
from engine import Session
from generate import Generator
from mutate import Mutator
from warned import Warned


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["code", "errors", "warnings", "parser"])
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--oracle", default="/usr/bin/python3")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int)
    parser.add_argument("--files", type=int, default=150, help="how many files of the library to cut up")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for a batch")
    parser.add_argument("--direct", action="store_true", help="the interpreter is a program that answers requests itself")
    parser.add_argument("--no-reduce", action="store_true")
    args = parser.parse_args()
    source = random.Random(args.seed)
    corpus = Corpus(source, args.files)
    generator = Generator(source, corpus)
    worker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")
    session = Session(args.interp.split() + ([] if args.direct else [worker]), [args.oracle, "-S", worker], args.timeout)
    if args.kind == "code":
        session.run(generator.cases(args.count or 50_000))
    elif args.kind == "errors":
        session.run(Mutator(source, corpus, generator).cases(args.count or 20_000))
    elif args.kind == "warnings":
        session.run(Warned(source, generator).cases(args.count or 20_000))
    else:
        from extremes import Extremes

        session.run(Extremes(source, Mutator(source, corpus, generator)).cases(args.count or 1_000_000))
    sys.exit(session.report(not args.no_reduce))


main()
