# bytes, bytearray, memoryview: results and error texts.
def show(f):
    try:
        print(ascii(f()))
    except Exception as e:
        print(type(e).__name__, ascii(str(e)))


for T in (bytes, bytearray):
    for t in [b"", b"a", b"Hello World", b"  x\ty ", b"a,b,,c", b"ab\r\ncd\n\xff"]:
        v = T(t)
        for n in ("lower upper title capitalize swapcase isalpha isalnum isdigit isspace islower isupper istitle isascii splitlines "
                  "split rsplit strip lstrip rstrip expandtabs hex __repr__ __len__").split():
            print(n, ascii(getattr(v, n)()))
        for f in [lambda: v.find(b"b"), lambda: v.find(98), lambda: v.rfind(b","), lambda: v.count(b","), lambda: v.index(b"z"),
                  lambda: v.replace(b",", b";;"), lambda: v.split(b","), lambda: v.rsplit(b",", 1), lambda: v.partition(b","),
                  lambda: v.join([b"1", bytearray(b"2"), memoryview(b"3")]), lambda: v.center(9, b"*"), lambda: v.zfill(5),
                  lambda: v.translate(None, b"l"), lambda: v.translate(bytes(range(256))), lambda: v.decode("latin-1"), lambda: v + b"x",
                  lambda: v * 2, lambda: v[1:3], lambda: v[::-1], lambda: v[0], lambda: 98 in v, lambda: b"b" in v, lambda: v < b"b",
                  lambda: v == bytearray(t), lambda: v.startswith((b"a", b"H")), lambda: v.hex(":", 2), lambda: list(v)]:
            show(f)
for c in [
          lambda: bytearray(b'a')+1,
          lambda: b'a'+1,
          lambda: b'a'+bytearray(b'b'),
          lambda: bytearray(b'a')['x'],
          lambda: bytearray(b'a')[5],
          lambda: bytearray(b'a').pop(5),
          lambda: bytearray().pop(),
          lambda: bytearray(b'a').remove(5),
          lambda: bytearray(b'a').append(256),
          lambda: bytearray(b'a').append('a'),
          lambda: bytearray(b'a').extend('a'),
          lambda: bytearray(b'a').extend(5),
          lambda: bytearray(b'a').extend([300]),
          lambda: bytearray(-1),
          lambda: bytearray('a'),
          lambda: bytearray(1,'a'),
          lambda: bytearray(2.5),
          lambda: bytearray([1,'a']),
          lambda: bytes(2.5),
          lambda: bytes([256]),
          lambda: bytes(['a']),
          lambda: bytes(x=1),
          lambda: bytearray(b'a').__reduce__(),
          lambda: bytearray(b'a').__reduce_ex__(3),
          lambda: hash(bytearray()),
          lambda: b'abc'.hex('ab'),
          lambda: b'abc'.hex(1),
          lambda: bytes.fromhex('a'),
          lambda: bytes.fromhex('zz'),
          lambda: bytes.fromhex('41 42'),
          lambda: bytes.fromhex('a é'),
          lambda: b'a'<'a',
          lambda: b'a'.translate(b'a'),
          lambda: bytes.maketrans(b'a',b'ab'),
          lambda: bytes(1<<70),
          lambda: bytearray(b'abc').remove('a'),
          lambda: b''.join(5),
          lambda: b''.join([5]),
          lambda: b'a'.find('b'),
          lambda: b'a'.find(256),
          lambda: 'a' in b'a',
          lambda: 300 in b'a',
          lambda: b'x'.ljust(3, 1),
          lambda: bytes('a', 'utf-8'),
          lambda: bytes('a'),
          lambda: bytes(3),
          lambda: bytes([1,2]),
          lambda: bytes(iter([1,2])),
          lambda: b'a'['x'],
          lambda: b'%b|%5s|%c|%a|%d' % (b'x', b'y', 65, 'é', 7),
]:
    show(c)
b = bytearray(b"hello")
b[1:3] = b"EYY"
b[0] = 72
del b[-1]
b += b"!"
b.insert(2, 45)
b.reverse()
print(b, b.pop(0), b)
b[::2] = b"123"
print(b)
del b[1::2]
print(b)
b *= 2
print(b, b.copy() == b)
for i in range(200):
    b.append(i)
    if i % 3 == 0:
        del b[0]
print(len(b), b[:5], sum(b))


class B(bytes):
    pass


x = B(b"abc")
x.y = 1
print(x, x.y, type(x[:1]), x + b"d", hash(x) == hash(b"abc"), bytes(x))
m = memoryview(b"abcdefgh")
w = memoryview(bytearray(b"abcdefgh"))
for c in [
          lambda: m[0],
          lambda: m[1:3].tolist(),
          lambda: m[9],
          lambda: m['a'],
          lambda: m[0,0],
          lambda: w.__setitem__(0,'a'),
          lambda: w.__setitem__(0,256),
          lambda: w.__setitem__(slice(0,2),b'abc'),
          lambda: m.__setitem__(0,1),
          lambda: w.__delitem__(0),
          lambda: m.cast('i').tolist(),
          lambda: m.cast('i',(1,2)).tolist(),
          lambda: m.cast('B',[2,4])[0],
          lambda: m.cast('B',[2,4])[0,1],
          lambda: m.cast('B',[2,4])[0,9],
          lambda: m.cast('x'),
          lambda: m.cast('i').cast('h'),
          lambda: m.cast('B',[3]),
          lambda: m[::2].cast('i'),
          lambda: m.cast('@i').format,
          lambda: hash(m)==hash(b'abcdefgh'),
          lambda: hash(w),
          lambda: hash(m.cast('i')),
          lambda: m==b'abcdefgh',
          lambda: m=='a',
          lambda: m.shape,m.strides,m.ndim,m.nbytes,m.itemsize,m.readonly,m.c_contiguous,m.obj,
          lambda: m.tobytes('X'),
          lambda: m.hex(':',2),
          lambda: m.cast('c')[0],
          lambda: m.cast('?')[0],
          lambda: list(m[:2]),
          lambda: len(m.cast('B',[2,4])),
          lambda: memoryview(b'a').cast('B',[])[()],
          lambda: w.cast('f').__setitem__(0,'a'),
          lambda: w.cast('b').__setitem__(0,200),
          lambda: 97 in m,
          lambda: memoryview(b'abc')[::-1].tobytes(),
          lambda: memoryview(1),
          lambda: memoryview(),
          lambda: memoryview(b'abcd').cast('I')==memoryview(b'abcd').cast('i'),
          lambda: memoryview(b'abcdefgh').cast('B',shape=(2,2,2)).tolist(),
          lambda: w.toreadonly().readonly,
]:
    show(c)
w[2:4] = b"XY"
print(w.obj)
with w as q:
    pass
show(lambda: w[0])
show(lambda: len(w))
k = bytearray(b"abc")
v = memoryview(k)
show(lambda: k.append(1))
v.release()
k.append(1)
print(k)
