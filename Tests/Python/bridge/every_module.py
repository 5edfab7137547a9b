# Every C module of CPython 3.11, built in or a file, imports, and has the public names that it has there.
import glob, importlib, os, sys, sysconfig, types

folder = sysconfig.get_config_var("DESTSHARED") or "/usr/lib/python3.11/lib-dynload"
files = {os.path.basename(f).split(".")[0] for f in glob.glob(os.path.join(folder, "*.so"))}
names = sorted((files | set(sys.builtin_module_names)) - {"_frozen_importlib", "_frozen_importlib_external", "amphis", "builtins", "sys"})
# Capsules for C code, types that are reached by way of their instances, and names of CPython's own slips
aside = {"datetime_CAPI", "expat_CAPI", "CAPI", "PicklerMemoProxy", "UnpicklerMemoProxy", "ScandirIterator", "lock", "SHA384Type", "struct_siginfo"}
print(len(names) >= 100)
for name in names:
    module = importlib.import_module(name)
    public = [n for n in dir(module) if not n.startswith("_") and n not in aside]
    print(name, type(module) is types.ModuleType, len(public), sum(map(len, public)), *public[:3], *public[-2:])
