# What is seen of an import that fails: importlib's own frames are not, circular imports are named, carets stand under whole operators, and
# source in another encoding is read as such.
import os
import subprocess
import sys
import tempfile

folder = tempfile.mkdtemp()
files = {
    "pk/__init__.py": "",
    "pk/bar.py": "1/0\n",
    "ring/__init__.py": "",
    "ring/parent/__init__.py": "import ring.parent.child\n",
    "ring/parent/child.py": "import ring.parent\nring.parent\n",
    "latin.py": "# -*- coding: latin-1 -*-\ndef f():\n    raise ValueError('h\xe9 h\xf4')\nf()\n",
    "greek.py": "#!/x\n# coding: cp1253\nx = {'\u03b1': 1}['\u03b2']\n",
    "lines.py": "def f(x):\n    x/0\ndef g(x):\n    return x[0]\ndef h(x):\n    x[1][2]\nimport sys\ndef k(x):\n    (x\n     / 0)\n[f, g, h, k][int(sys.argv[1])]([1])\n",
}
for name, text in files.items():
    os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
    encoding = "latin-1" if "latin" in name else "cp1253" if "greek" in name else "utf-8"
    with open(os.path.join(folder, name), "w", encoding=encoding) as f:
        f.write(text)


def run(*args):
    p = subprocess.run([sys.executable, *args], cwd=folder, capture_output=True, env=dict(os.environ, PYTHONIOENCODING="utf-8"))
    print(p.returncode, p.stdout.decode(), p.stderr.decode().replace(folder, "FOLDER"))


run("-c", "from pk import bar")
run("-c", "import pk.bar")
run("-c", "from pk import nothing")
run("-c", "import nothing.at.all")
run("-c", "__import__('pk', fromlist=['bar'])")
run("-c", "import ring.parent")
run("latin.py")
run("greek.py")
for number in "0", "1", "2", "3":
    run("lines.py", number)
for mode in "default", "always", "never":
    run("--check-hash-based-pycs", mode, "-c", "import _imp; print(_imp.check_hash_based_pycs)")
run("-d", "-c", "import sys; print(sys.flags.debug)")
for setting in "latin1", "utf8", "UTF-8", "ascii", "cp1252", ":namereplace", "latin1:ignore":
    p = subprocess.run(
        [sys.executable, "-c", "import sys; print(sys.stdin.encoding, sys.stdout.encoding, sys.stdout.errors, sys.stderr.encoding)"],
        capture_output=True, env=dict(os.environ, PYTHONIOENCODING=setting))
    print(setting, p.stdout)
