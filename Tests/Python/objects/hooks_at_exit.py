"""What hooks and `builtins` held is finalized, too, when the interpreter goes down: the first two when it is over for
`sys` itself, with nothing left to report to."""
import subprocess
import sys

PROGRAM = """
import builtins, os, sys
from contextlib import suppress

class Held:
    def __init__(self, name):
        self.name, self.ring = name, self
    def __call__(self, *args):
        pass
    def __del__(self, write=os.write, sys=sys):
        found = sys.__dict__.get("stderr") is not None
        write(1, f"{self.name}: stderr {found}, a global {suppress is not None}\\n".encode())
        raise ValueError("nobody reads this unless there is a stream")

name = sys.argv[1]
if name == "sys.excepthook": sys.excepthook = Held(name)
if name == "sys.displayhook": sys.displayhook = Held(name).__call__
if name == "sys.attribute": sys.attribute = Held(name)
if name == "builtins.added": builtins.added = Held(name)
if name == "builtins.print": builtins.print = Held(name)
if name == "main": held = Held(name)
if name == "text":
    class Writes:
        def __init__(self): self.out = sys.stdout
        def __del__(self): self.out.write("written at the very end\\n")
    sys.attribute = Writes()
    print("begun", end=" ")
"""
for name in "sys.excepthook sys.displayhook sys.attribute builtins.added builtins.print main text".split():
    done = subprocess.run([sys.executable, "-c", PROGRAM, name], capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if "Error" in line]
    print(name, done.returncode, done.stdout.splitlines(), errors)
