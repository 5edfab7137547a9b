"""What messages about arguments say: None is called None, and wrappers of slots count in two ways."""
import _imp
import _sre
import array
import collections
import datetime
import io
import itertools
import json
import pickle
import sys
import time
import types

day, moment, zone = datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2), datetime.timezone
CALLS = """
sys.intern(None)
sys.intern(3)
type.__new__(type, 'x', (), None)
type.__new__(type, None, (), {})
types.FunctionType(None, {})
types.FunctionType((lambda: 0).__code__, None)
types.TracebackType(None, None, 1, 2)
''.__format__(None)
(1).__format__(None)
(1.5).__format__(None)
object().__format__(None)
format(1, None)
day.strftime(None)
moment.strftime(None)
datetime.time(1).strftime(None)
moment.isoformat(timespec=None)
day.__format__(None)
datetime.datetime.strptime(None, '')
datetime.datetime.strptime('', None)
zone(datetime.timedelta(), None)
compile('1', 'f', None)
open('x', None)
io.FileIO('x', None)
io.StringIO().write(None)
io.TextIOWrapper(io.BytesIO()).write(None)
io.open_code(None)
_imp.is_builtin(None)
_imp.find_frozen(None)
_imp.is_frozen(None)
_imp._fix_co_filename(None, 'x')
array.array('u').fromunicode(None)
time.strftime(None)
time.get_clock_info(None)
sys.call_tracing(len, None)
'x'.encode(None)
'x'.encode('utf-8', None)
b'x'.decode(None)
str(b'x', None)
'x'.maketrans('a', None)
'x'.replace(None, 'a')
b'x'.hex(None)
(1).to_bytes(1, None)
int.from_bytes(b'', None)
float.__getformat__(None)
float.fromhex(None)
memoryview(b'x').cast(None)
BaseExceptionGroup(None, [])
types.ModuleType(None)
UnicodeEncodeError(None, 'a', 0, 1, 'b')
UnicodeDecodeError('a', b'', 0, 1, None)
eval('1', bytearray())
eval('1', 3)
[].__mul__()
[].__rmul__(1, 2)
[].__imul__()
[].__setitem__()
[].__delitem__()
[].__iadd__()
[].__add__()
[].__contains__()
[].__eq__()
[].__len__(1)
{}.__setitem__(1)
{}.__delitem__()
(1).__pow__()
(1).__pow__(1, 2, 3)
(1).__rpow__()
(1).__neg__(1)
(1).__divmod__()
object().__setattr__(1)
object().__delattr__()
(lambda: 0).__get__()
(lambda: 0).__get__(1, 2, 3)
property().__set__(1)
property().__delete__()
"""
for call in CALLS.strip().splitlines():
    try:
        print(call, eval(call))
    except Exception as e:
        print(call, type(e).__name__, repr(str(e)))
