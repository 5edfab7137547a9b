# random takes sha512 from a module of its own; what is seeded with a text goes through it.
import random
import _sha512

r = random.Random("a text")
print(r.random(), r.getrandbits(64), r.choice("abcdef"))
print(random.Random(b"bytes").random(), random.Random(bytearray(b"bytes")).random())
print(random.Random(17).random())
print(_sha512.sha512(b"abc").hexdigest())
print(_sha512.sha384(b"abc", usedforsecurity=False).hexdigest())
h = _sha512.sha512()
h.update(b"ab")
other = h.copy()
h.update(b"c")
print(h.digest() == _sha512.sha512(b"abc").digest(), other.digest() == h.digest(), h.name, h.digest_size, h.block_size)
print(_sha512.__spec__.origin, _sha512.sha512.__name__)
try:
    _sha512.sha512("text")
except TypeError as e:
    print(e)

import hashlib

print(hashlib.new("sha512", b"abc").hexdigest() == _sha512.sha512(b"abc").hexdigest())
