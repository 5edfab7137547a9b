"""What a virtual environment is made of, seen from inside; run by its own python after `pip install -e ./package`."""
import glob
import importlib.metadata as metadata
import importlib.resources as resources
import os
import site
import subprocess
import sys
import sysconfig


def inside(path):
    return os.path.relpath(path, sys.prefix)


def run(*arguments, **variables):
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=dict(os.environ, **variables))
    print(done.returncode, done.stdout.strip(), done.stderr.strip())


print(sys.prefix == os.path.abspath("env"), sys.exec_prefix == sys.prefix, sys.base_prefix, inside(sys.executable))
print(*map(inside, site.getsitepackages()), site.ENABLE_USER_SITE, inside(sysconfig.get_path("purelib")), inside(sysconfig.get_path("scripts")))
with open(os.path.join(sys.prefix, "pyvenv.cfg")) as file:
    settings = dict(line.strip().split(" = ", 1) for line in file)
print(sorted(settings), settings["include-system-site-packages"])
# (An environment may have a link of the interpreter's own name, which CPython's has not.)
print(sorted(inside(p) for p in glob.glob(os.path.join(sys.prefix, "bin", "*")) if "python" not in p and os.path.basename(p) != sys.implementation.name))

# the interpreter outside: from here, from an environment that this one makes, and from one with a copy of the interpreter
print(sys._base_executable, sys.base_exec_prefix, sysconfig.get_path("stdlib"), sysconfig.get_path("include"))
for name, options in (("inner", ()), ("copied", ("--copies",))):
    run("-m", "venv", "--without-pip", *options, name)
    told = "import sys, sysconfig; print(sys._base_executable, sys._home == sys.argv[1], sys.prefix == sys.argv[2], sysconfig.get_path('data') == sys.prefix)"
    python = os.path.abspath(os.path.join(name, "bin", "python"))
    print(subprocess.check_output([python, "-c", told, os.path.dirname(sys._base_executable), os.path.abspath(name)], text=True).strip())
    print(os.path.islink(python), os.path.realpath(python) == os.path.realpath(sys._base_executable))

# metadata, entry points, files of a package
found = metadata.distribution("greeting")
print(found.metadata["Name"], found.version, found.metadata["Summary"], metadata.requires("greeting"))
print([(e.name, e.group, e.value) for e in found.entry_points], found.entry_points["greet"].load().__name__)
print([e.name for e in metadata.entry_points(group="console_scripts") if e.value.startswith("greeting")])
print(sorted(n for n in metadata.packages_distributions() if n in ("greeting", "pip", "setuptools")))
try:
    metadata.version("missing")
except metadata.PackageNotFoundError as error:
    print(repr(error))
print(sorted(p.name for p in resources.files("greeting").iterdir() if not p.name.startswith("__pycache__")))
with resources.as_file(resources.files("greeting") / "words.txt") as path:
    print(path.name, path.read_text().split(), resources.read_text("greeting", "words.txt").split(), resources.is_resource("greeting", "words.txt"))
import greeting

print("editable:", os.path.relpath(greeting.__file__), type(greeting.__spec__.loader).__name__)

# .pth files: paths, lines that import, comments, what is not there
packages = site.getsitepackages()[0]
os.makedirs("more/deep", exist_ok=True)
with open("more/extra_module.py", "w") as file:
    file.write("print('extra module')\n")
with open(os.path.join(packages, "zz_more.pth"), "w") as file:
    file.write(f"# a comment\n{os.path.abspath('more')}\n\nimport sys; sys.from_pth = 'said a .pth file'\n{os.path.abspath('nowhere')}\nbroken line(\n")
run("-c", "import sys, extra_module, os; print(sys.from_pth, [os.path.basename(p) for p in sys.path if p.endswith(('more', 'nowhere'))])")
with open(os.path.join(packages, "sitecustomize.py"), "w") as file:
    file.write("print('sitecustomize')\n")
run("-c", "pass")
run("-I", "-c", "import sys; print(sys.flags.isolated, hasattr(sys, 'from_pth'))")
run("-S", "-c", "import sys; print(hasattr(sys, 'from_pth'), any('site-packages' in p for p in sys.path))")
os.remove(os.path.join(packages, "sitecustomize.py"))
os.remove(os.path.join(packages, "zz_more.pth"))

# python -m for a package with __main__, a zip file, and a folder
os.makedirs("tool", exist_ok=True)
with open("tool/__main__.py", "w") as file:
    file.write("import sys, importlib.resources\nprint(__name__, __package__, sys.argv[1:], __spec__ is None)\n")
run("-m", "tool", "x")
run("tool", "y")
run("-m", "zipapp", "tool", "-o", "tool.pyz")
run("tool.pyz", "z")
