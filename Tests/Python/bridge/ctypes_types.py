# ctypes: structures, arrays, callbacks, pointers, prototypes, byte orders.
import ctypes
from ctypes import *
class POINT(Structure):
    _fields_=[('x',c_int),('y',c_double)]
    def norm(self): return self.x+self.y
p=POINT(1,2.5); print(p.x,p.y,p.norm(),sizeof(POINT),POINT.x, isinstance(p,POINT), POINT.__mro__)
p.x=7; print(p.x, bytes(p)[:4])
A=POINT*3; a=A(); a[1].x=4; print(a[1].x, len(a), [q.x for q in a], A.__name__)
libc=CDLL(None); print(libc.strlen(b'hello'), libc.abs(-4))
CMP=CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))
IntArr=c_int*5; arr=IntArr(5,1,4,2,3)
libc.qsort(arr,5,sizeof(c_int),CMP(lambda a,b: a[0]-b[0])); print(list(arr))
i=c_int(5); print(i, i.value, pointer(i).contents.value, c_char_p(b'ab').value)
buf=create_string_buffer(b'abc',10); print(buf.raw, buf.value, len(buf))
ba=bytearray(b'12345678'); v=c_int.from_buffer(ba); v.value=0; print(ba)
class U(Union): _fields_=[('a',c_uint8*4),('b',c_uint32)]
u=U(); u.b=0x01020304; print(list(u.a))
class B(BigEndianStructure): _fields_=[('v',c_uint16)]
b=B(1); print(bytes(b))
try: c_int('a')
except TypeError as e: print(e)
class Node(Structure): pass
Node._fields_=[('next',POINTER(Node)),('v',c_int)]
n=Node(None,3); m=Node(pointer(n),4); print(m.next.contents.v, bool(n.next))
libc.strtol.argtypes=[c_char_p,c_void_p,c_int]; libc.strtol.restype=c_long; print(libc.strtol(b'77',None,8))
try: libc.strtol(1,2,3)
except ArgumentError as e: print(e)
print(type(POINT), type(POINT).__mro__, type(c_int), POINTER(c_int).__name__, c_int.__name__)
print(cast(arr,POINTER(c_int))[2], string_at(b'abc',2))

# C code may keep the address of bytes that it was given: it is good as long as they are.
class Words(Structure): _fields_=[('a',c_uint32),('b',c_uint32)]
data=[bytes([n,0,0,0,n+1,0,0,0]) for n in range(200)]
views=[cast(d,POINTER(Words)) for d in data]
kept=[libc.strlen(d) for d in data]
noise=[bytes(range(n%200)) for n in range(3000)]
for d in noise: libc.strlen(d), cast(d,c_void_p)
import gc
gc.collect()
print(all((v[0].a,v[0].b)==(n,n+1) and v.contents.a==n for n,v in enumerate(views)), all(string_at(cast(d,c_void_p),8)==d for d in data), sum(kept))
