# amphis: --cpython=zlib,_queue
# What libpython makes only for Python code of its own (the path finder, codecs, `open`, streams) is there as soon as somebody asks, whoever is first.
import subprocess, sys

START = """
import ctypes, sys, threading
run = ctypes.pythonapi.PyRun_String
run.restype, run.argtypes = ctypes.py_object, [ctypes.c_char_p, ctypes.c_int, ctypes.py_object, ctypes.py_object]
space = {"__name__": "there"}
def there(source):
    # Run by libpython: 257 takes statements, 258 an expression.
    run(source.encode(), 257, space, space)
def value(source):
    return run(source.encode(), 258, space, space)
def prototype(name, result, *arguments):
    f = getattr(ctypes.pythonapi, name)
    f.restype, f.argtypes = result, arguments
    return f
"""
FIRST = {
    "a module from a file": "there('import textwrap, colorsys'); print(value('textwrap.dedent(\"  x\")'), value('colorsys.rgb_to_hsv(1, 0, 0)'))",
    "a package, for code without a name": "names = {}; run(b'import xml.dom.minidom, xml.dom as d, os.path as p\\nfrom xml.dom import Node', 257, names, names); print(names['xml'].__name__, names['d'].__name__, names['p'].sep, names['Node'].TEXT_NODE)",
    "a package": "there('import json.decoder as d, xml.dom'); print(value('d.JSONDecoder().decode(\"[1, 2.5]\")'), value('xml.dom.__name__'))",
    "a module that is not there": "there('''try: import no_such_module\nexcept ImportError as e: text = str(e), type(e).__name__'''); print(value('text'))",
    "a frozen one": "there('import zipimport, io, abc, codecs, os; facts = io.open.__name__, os.sep, codecs.BOM_UTF8, zipimport.zipimporter.__name__'); print(value('facts'))",
    "a codec, by bytes": "print(value('b\"\\\\xe9\\\\x80\".decode(\"cp437\"), \"é\".encode(\"rot13\", \"x\") if 0 else \"é\".encode(\"cp437\")'))",
    "a codec, by C code": "f = prototype('PyUnicode_AsEncodedString', ctypes.py_object, ctypes.py_object, ctypes.c_char_p, ctypes.c_char_p); print(f('né', b'utf-16-be', b'strict'), f('né', b'utf-8', b'strict'), f('n', b'koi8-r', None))",
    "a codec that is not there": "there('''try: \"x\".encode(\"no-such\")\nexcept LookupError as e: text = str(e)'''); print(value('text'))",
    "the codec for utf-8": "there('import codecs; c = codecs.lookup(\"UTF8\")'); print(value('c.name, c.incrementaldecoder.__name__, c.encode(\"é\"), c.streamreader.__name__, c._is_text_encoding, len(c)'))",
    "an error handler": "there('import codecs; codecs.register_error(\"mine\", lambda e: (\"?\", e.end))'); print(value('\"aé\".encode(\"ascii\", \"mine\"), \"aé\".encode(\"cp437\", \"mine\")'))",
    "open": "there('f = open(\"/proc/self/comm\"); line = f.readline(); f.close()'); print(value('len(line) > 2, f.encoding.lower(), type(f).__name__, open.__name__'))",
    "the number of compiled code": "print(prototype('PyImport_GetMagicNumber', ctypes.c_long)() & 0xffff)",
    "code with a path": "f = prototype('PyImport_ExecCodeModuleEx', ctypes.py_object, ctypes.c_char_p, ctypes.py_object, ctypes.c_char_p); print(f(b'made', value('compile(\"x = 1\", \"made.py\", \"exec\")'), b'/made.py').x)",
    "hooks of paths": "there('import sys, importlib.machinery as m; facts = [getattr(h, \"__name__\", \"?\") for h in sys.path_hooks], m.PathFinder in sys.meta_path, m.SOURCE_SUFFIXES'); print(value('facts'))",
    "streams": "there('import sys; sys.stdout.write(\"out\\\\n\"), sys.__stdout__.write(\"original\\\\n\"), print(\"printed\")'); print(value('sys.__stdin__ is not None'))",
    "names of files": "f = prototype('PyUnicode_DecodeFSDefault', ctypes.py_object, ctypes.c_char_p); g = prototype('PyUnicode_EncodeFSDefault', ctypes.py_object, ctypes.py_object); print(ascii(f(b'n\\xc3\\xa9\\xff')), g('né\\udcff'), value('__import__(\"sys\").getfilesystemencoding()'))",
    "an initialised interpreter": "print(prototype('Py_IsInitialized', ctypes.c_int)(), value('__import__(\"sys\").flags.isolated') in (0, 1))",
    "eight threads at once": """
gate, names = threading.Barrier(8), ['json', 'textwrap', 'colorsys', 'fractions', 'pprint', 'string', 'shlex', 'csv']
done = []
def work(name):
    own = {}
    gate.wait()
    run(('import ' + name + ' as m').encode(), 257, own, own)
    done.append(run(b'm.__name__, "x".encode("cp850")', 258, own, own))
threads = [threading.Thread(target=work, args=(n,)) for n in names]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(done))
""",
    "C modules beside it": "import zlib, _queue; there('import string'); import _sqlite3, _ssl, _csv; print(zlib.crc32(b'x'), _sqlite3.connect(':memory:').execute('select 1').fetchone(), value('string.digits'))",
}
for name, source in FIRST.items():
    done = subprocess.run([sys.executable, "-c", START + source], capture_output=True, text=True)
    print(f"{name}: {done.stdout.strip()}", done.stderr[-300:])
