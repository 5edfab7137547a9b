# An extension that cannot work here is refused by name when it is imported, before its code runs: greenlet, and gevent's copy of it.
import importlib.machinery, os, sys, tempfile

with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    for package in ("greenlet", "gevent"):
        os.mkdir(os.path.join(folder, package))
        with open(os.path.join(folder, package, "__init__.py"), "w") as file:
            file.write("from ._greenlet import greenlet\n")
        with open(os.path.join(folder, package, "_greenlet" + importlib.machinery.EXTENSION_SUFFIXES[0]), "w") as file:
            file.write("never read")
        for attempt in range(2):
            try:
                __import__(package)
            except ImportError as e:
                print(type(e).__name__, e, e.name, os.path.basename(e.path or "-").split(".")[0])
        print(sorted(name for name in sys.modules if name.startswith(package)))
