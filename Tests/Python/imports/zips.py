# Modules from a zip archive that stands first on the path.
import os
import sys
import tempfile
import zipfile

with tempfile.TemporaryDirectory() as folder:
    archive = os.path.join(folder, "a.zip")
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("inside.py", "value = 42\n")
        z.writestr("package/__init__.py", "from . import part\n")
        z.writestr("package/part.py", "name = __name__\n")
    sys.path.insert(0, archive)
    sys.modules.pop("zipimport", None)
    import inside
    import package

    print(inside.value, os.path.relpath(inside.__file__, folder), package.part.name, type(inside.__loader__).__name__)
