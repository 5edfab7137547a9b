# importlib's own frames do not show in tracebacks.
import os
import sys
import tempfile
import traceback


def frames(error):
    return [(os.path.basename(f.filename), f.name) for f in traceback.extract_tb(error.__traceback__)]


with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    for name, text in [("raises", "1 / 0\n"), ("broken", "x = (\n"), ("outer", "import raises\n"), ("missing", "import nowhere\n")]:
        with open(os.path.join(folder, name + ".py"), "w") as f:
            f.write(text)
    for name in ["raises", "outer", "broken", "missing", "nowhere"]:
        try:
            __import__(name)
        except Exception as error:
            print(name, type(error).__name__, frames(error))
    print([m for m in ("raises", "outer", "broken", "missing") if m in sys.modules])
