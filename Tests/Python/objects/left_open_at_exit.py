"""What is left open when the process ends: files get what was written, generators run their finally clauses, coroutines are warned about."""
import os
import subprocess
import sys
import tempfile

folder = tempfile.mkdtemp()
path = os.path.join(folder, "out")
PROGRAMS = {
    "text": "f = open(PATH, 'w'); f.write('text')",
    "binary": "f = open(PATH, 'wb'); f.write(b'binary')",
    "raw": "f = open(PATH, 'wb', buffering=0); f.write(b'raw')",
    "update": "f = open(PATH, 'w+'); f.write('update'); f.seek(0); f.write('UP')",
    "function": "def main():\n    f = open(PATH, 'w'); f.write('function'); globals()['keep'] = [f, f]\nmain()",
    "ring": "f = open(PATH, 'w'); f.write('ring'); r = [f]; r.append(r)",
    "class": "class A:\n    f = open(PATH, 'w')\n    f.write('class')",
    "module": "import os; os.f = open(PATH, 'w'); os.f.write('module')",
    "descriptor": "import os; f = os.fdopen(os.open(PATH, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), 'w', closefd=False); f.write('descriptor')",
    "wrapped": "import io; f = io.TextIOWrapper(io.BufferedWriter(io.FileIO(PATH, 'w')), 'utf-16-le'); f.write('w')",
    "exit": "f = open(PATH, 'w'); f.write('exit'); raise SystemExit(3)",
    "error": "f = open(PATH, 'w'); f.write('error'); 1 / 0",
}
for name, source in PROGRAMS.items():
    if os.path.exists(path):
        os.unlink(path)
    done = subprocess.run([sys.executable, "-c", source.replace("PATH", repr(path))], capture_output=True)
    print(name, done.returncode, open(path, "rb").read(), len(done.stderr.split(b"\n")))

FINALLY = """
def g(n):
    try:
        yield
    finally:
        print("finally", n)
a = g(1)
next(a)
unstarted = g(2)
held = [g(3)]
next(held[0])
"""
NEVER = "async def f(): pass\nc = f()\n"
WARNED = "f = open(__import__('os').devnull)\n"
IMPORTED = "import warnings\nf = open('/dev/null')\n"
SCANNED = "import os\ns = os.scandir('/')\n"
for name, options, source in [
    ("finally", [], FINALLY), ("never", [], NEVER), ("warned", ["-Wd"], WARNED), ("imported", ["-Wd"], IMPORTED), ("scanned", ["-Wd"], SCANNED),
    ("quiet", [], WARNED),
]:
    done = subprocess.run([sys.executable, *options, "-c", source], capture_output=True)
    print(name, done.returncode, done.stdout, done.stderr.partition(b" at 0x")[0])
import shutil

shutil.rmtree(folder)
