#!/usr/bin/env python3
"""Disassembles the handlers of a release build and tells what would make them slow or unsafe.

  Tools/evaluator/check_handlers.py .build/release/amphis

A handler must end in a jump through a register (one at least; or in one to a handler with the same code), must not call through a pointer (the native stack would grow with every
instruction) and must not count references.
"""
import re
import subprocess
import sys


def main():
    listing = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", "--section=.text", sys.argv[1]], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    handlers, name, faults = {}, None, []
    for line in listing.splitlines():
        m = re.match(r"[0-9a-f]+ <(.*)>:$", line)
        if m:
            name = m[1] if m[1].startswith("amphis_op_") else None
            if name:
                handlers[name] = []
        elif name and "\t" in line:
            handlers[name].append(line.split("\t", 1)[1].strip())
    for name, lines in sorted(handlers.items()):
        jumps = sum(1 for l in lines if re.match(r"(notrack )?jmp +\*", l) or re.match(r"jmp .*<amphis_op_\w+>$", l))
        indirect = [l for l in lines if re.match(r"(notrack )?call +\*", l)]
        counting = [l for l in lines if re.match(r"call .*swift_(retain|release|bridgeObject)", l)]
        if name != "amphis_op_leave" and not jumps:
            faults.append(f"{name}: does not end in an indirect jump")
        faults += [f"{name}: {l}" for l in indirect + counting]
    print(f"{len(handlers)} handlers, {sum(map(len, handlers.values()))} instructions, {len(faults)} faults")
    for fault in faults:
        print(fault)
    sys.exit(1 if faults or len(handlers) < 50 else 0)


main()
