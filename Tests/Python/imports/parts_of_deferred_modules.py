# A module of the standard library that waits until it is needed, and the C module that it needs, in either order.
import subprocess
import sys

PROGRAMS = [
    "import ssl, _ssl; print(ssl.SSLContext.__mro__[1] is _ssl._SSLContext, ssl.OPENSSL_VERSION == _ssl.OPENSSL_VERSION)",
    "import _ssl, ssl; print(issubclass(ssl.SSLContext, _ssl._SSLContext))",
    "import ssl; from _ssl import _SSLContext; print(issubclass(ssl.SSLContext, _SSLContext))",
    "import bz2, _bz2; print(bz2.BZ2Compressor is _bz2.BZ2Compressor)",
    "import lzma, _lzma; print(lzma.LZMACompressor is _lzma.LZMACompressor)",
    "import shutil, _bz2, _lzma; import bz2, lzma; print(bz2.decompress(bz2.compress(b'abc')), lzma.decompress(lzma.compress(b'abc')))",
    "import asyncio, _ssl, ssl, asyncio.sslproto; print(asyncio.sslproto.SSLProtocol.__name__, ssl.SSLError is _ssl.SSLError)",
    "import sys, ssl; sys.modules['ssl'] = None; import _ssl; print(_ssl.__name__, sys.modules['ssl'])",
    "import http.client, _ssl; print(http.client.HTTPSConnection.__name__, _ssl.HAS_TLSv1_2)",
]
for program in PROGRAMS:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    print(done.returncode, done.stdout, done.stderr.strip().splitlines()[-1:])
