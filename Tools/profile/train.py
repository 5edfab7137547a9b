#!/usr/bin/env python3
"""Runs an instrumented build on ordinary work and writes what its functions did, for `make build` (docs/performance.md).

  train.py --interp .build/profile/release/amphis --llvm-profdata PATH --write Tools/profile/amphis.profdata.xz

The programs are those of programs.py and crossings.py, the kernels of Tools/kernels.py, starts, and compiling a part of the standard library; nothing of
pyperformance, which Amphis is compared by. The profile need not be current: a function that has changed since is compiled without it.
"""
import argparse
import glob
import lzma
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COMPILING = "import glob\nfor f in sorted(glob.glob('/usr/lib/python3.11/*.py')): compile(open(f, 'rb').read(), f, 'exec')"
CROSSING = ["--cpython=math", "--cpython=pyexpat", "--cpython=_decimal", "--cpython=unicodedata"]
STARTS = [["-c", "pass"], ["-c", "import asyncio, argparse, unittest, logging, dataclasses"], ["-m", "json.tool", "--json-lines"]]


def kernels():
    sys.path.insert(0, os.path.dirname(HERE))
    import kernels

    return ",".join(kernels.KERNELS)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interp", required=True)
    parser.add_argument("--llvm-profdata", required=True)
    parser.add_argument("--write", required=True)
    options = parser.parse_args()
    # Handlers of hot loops would look cold with machine code for these.
    os.environ["AMPHISJIT"] = "off"
    # Weights: kernels run a few handlers millions of times, and would make all else look cold.
    runs = [(20, [os.path.join(HERE, "programs.py")]), (1, [os.path.join(HERE, "..", "kernels.py"), "--run", kernels(), "1"]), (2, ["-c", COMPILING])]
    runs += [(20, command) for command in STARTS]
    runs.append((20, CROSSING + [os.path.join(HERE, "crossings.py")]))
    with tempfile.TemporaryDirectory() as folder:
        inputs = []
        for i, (weight, command) in enumerate(runs):
            print(f"[{i + 1}/{len(runs)}] {' '.join(command)[:90]!r}", flush=True)
            raw = os.path.join(folder, f"{i}.profraw")
            environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"LLVM_PROFILE_FILE": raw}
            done = subprocess.run([options.interp] + command, input=b"[1]\n", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
            if done.returncode:
                sys.exit(f"train.py: {' '.join(command)[:200]} ended with {done.returncode}:\n{done.stderr.decode(errors='replace')[-2000:]}")
            inputs.append(f"--weighted-input={weight},{raw}")
        merged = os.path.join(folder, "merged")
        subprocess.run([options.llvm_profdata, "merge", "--sparse", "-o", merged] + inputs, check=True)
        with open(merged, "rb") as file:
            data = file.read()
    packed = lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)
    with open(options.write, "wb") as file:
        file.write(packed)
    print(f"{options.write}: {len(data):,} bytes, {len(packed):,} packed")


if __name__ == "__main__":
    main()
