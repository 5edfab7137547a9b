#!/usr/bin/env python3
"""Disassembles the handlers of a release build and tells what would make them slow or unsafe.

  Tools/evaluator/check_handlers.py .build/release/amphis

A fast part must end in a jump through a register (one at least; or in one to a handler with the same code), must not call through a pointer and
must not count references. Slow parts may do both of the latter, but must not call the next handler (an entry of a table of pointers): the
native stack would grow with every instruction.
"""
import pathlib
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
            # What no ordinary work runs of a function lies apart.
            name = m[1].removesuffix(".cold") if re.match("amphis_(op|mid|slow)_", m[1]) else None
            if name:
                handlers.setdefault(name, [])
        elif name and "\t" in line:
            handlers[name].append(line.split("\t", 1)[1].strip())
    # Instructions without a fast part, the two at the end of errors, and the end of a single instruction.
    text = (pathlib.Path(__file__).resolve().parents[2] / "Sources/PyRuntime/Evaluator/Generated/EvaluatorHandlers.swift").read_text()
    slow = set(re.findall(r"@inline\(never\) @c func (amphis_op_\w+)", text)) | {"amphis_op_raised", "amphis_op_stop", "amphis_op_unknown", "amphis_op_left"}
    for name, lines in sorted(handlers.items()):
        jumps = sum(1 for l in lines if re.match(r"(notrack )?jmp +\*", l) or re.match(r"jmp .*<[^>]*amphis_(op|mid|slow)_\w+>$", l))
        # A slow part may be one that ends the loop.
        ends = (name.startswith("amphis_slow") or name.removesuffix("Tm") in slow) and any(l.startswith("ret") for l in lines)
        if not jumps and not ends:
            faults.append(f"{name}: does not end in an indirect jump")
        faults += [f"{name}: {l}" for l in lines if re.match(r"call .*<[^>]*amphis_(op|mid|slow)_", l)]
        if name.startswith("amphis_slow") or name.removesuffix("Tm") in slow:
            faults += [f"{name}: {l}" for l in lines if re.match(r"(notrack )?call +\*\(%\w+,%\w+,8\)", l)]
            continue
        indirect = [l for l in lines if re.match(r"(notrack )?call +\*", l)]
        counting = [l for l in lines if re.match(r"call .*swift_(retain|release|bridgeObject)", l)]
        faults += [f"{name}: {l}" for l in indirect + counting]
    print(f"{len(handlers)} handlers, {sum(map(len, handlers.values()))} instructions, {len(faults)} faults")
    for fault in faults:
        print(fault)
    sys.exit(1 if faults or len(handlers) < 50 else 0)


main()
