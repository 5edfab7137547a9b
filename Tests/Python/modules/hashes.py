# _hashlib and _blake2: algorithms, names, digests, keys, and what they refuse.
import copy, hashlib, hmac, pickle, re, threading
import _hashlib as H, _blake2 as B

def shown(r):
    if isinstance(r, (bytes, bytearray)) and len(r) > 24: return r[:12].hex() + "..."
    if hasattr(r, "digest_size"):
        return type(r).__name__, r.name, r.digest_size, r.block_size, r.hexdigest()[:16] if r.digest_size else r.hexdigest(8)
    return r

def t(f, *a, **k):
    try: print(f.__name__, "->", shown(f(*a, **k)))
    except BaseException as e: print(f.__name__, type(e).__module__, type(e).__name__, re.sub("0x[0-9a-f]+", "0x", str(e)))

for n in ['nope','sm3','ripemd160','md5-sha1','SHA-256','sha256','SHA256','Sha256','blake2s256','blake2b512','blake2b','blake2s','shake128','SHAKE128','shake_128','SHA2-512/256','sha512_256','SHA512_256','sha3-256','whirlpool','md4','\udc80','RSA-SHA1','ssl3-sha1','KECCAK-KMAC-128','null','', 'a\0b','KMAC']:
    t(H.new, n)
t(H.new); t(H.new, 3); t(H.new,'md5','x'); t(H.new,'md5',3); t(H.new,'md5',[1]); t(H.new,b'md5'); t(H.new,'md5',b'',1); t(H.new,'md5',string=b'x',usedforsecurity=0); t(H.openssl_md5,string=b'a'); t(H.openssl_md5,data=b'a'); t(H.openssl_md5,'a'); t(H.openssl_md5,None); t(H.openssl_md5,memoryview(bytearray(10))[::2]); t(H.openssl_md5,memoryview(bytearray(12)).cast('B',(3,4)));
h=H.openssl_sha1(b'x'); t(h.update); t(h.update,'x'); t(h.update,3); t(h.digest,1); t(h.update,obj=b''); t(h.update, b'q'); t(h.hexdigest); t(h.copy)
x=H.openssl_shake_128(b'x'); t(x.digest); t(x.digest,5); t(x.digest,-1); t(x.digest,0); t(x.hexdigest,length=4); t(x.digest,'a'); t(x.digest,2**70); t(x.hexdigest, 2**40); print(x.digest_size, x.block_size, isinstance(x, H.HASH))
t(H.HASH); t(H.HMAC); t(H.HASHXOF)
try:
  class S(H.HASH): pass
  print(S)
  t(S)
except TypeError as e: print(e)
try:
  class S(H.HMAC): pass
except TypeError as e: print(e)
try:
  class S(H.HASHXOF): pass
except TypeError as e: print(e)
try: H.HASH.x=1
except TypeError as e: print(e)
try: h.x=1
except AttributeError as e: print(e)
try: h.name=1
except AttributeError as e: print(e)
t(H.hmac_new,b'k'); t(H.hmac_new,b'k',b'm'); t(H.hmac_new,b'k',b'm','md5'); t(H.hmac_new,b'k',None,'md5'); t(H.hmac_new,b'k',digestmod='nope'); t(H.hmac_new,b'k',digestmod=3); t(H.hmac_new,'k',digestmod='md5'); t(H.hmac_new,b'k','m','md5'); t(H.hmac_new,b'k',b'm',H.openssl_sha1); t(H.hmac_new,b'k',b'm',len); t(H.hmac_new,b'k',b'm','shake_128'); t(H.hmac_new,b'k',b'm',int); t(H.hmac_new,b'k',b'm','blake2b'); t(H.hmac_new, bytearray(b'k'), memoryview(b'm'), 'md5'); t(H.hmac_new,b'k',b'm','')
m=H.hmac_new(b'k',b'm','sha1'); print(repr(m)[:18], m.name); t(m.update,b'x'); t(m.update,msg=b'x'); t(m.update,'x'); t(m.update); t(m.digest); t(m.hexdigest); t(m.copy); t(m.copy().hexdigest)
t(H.hmac_digest,b'k',b'm','md5'); t(H.hmac_digest,b'k',b'm',H.openssl_md5); t(H.hmac_digest,b'k',b'm','nope'); t(H.hmac_digest,b'k',b'm',3); t(H.hmac_digest,'k',b'm','md5'); t(H.hmac_digest,b'k',b'm','shake_128'); t(H.hmac_digest,key=b'k',msg=b'm',digest='sha512')
t(H.pbkdf2_hmac,'sha1',b'p',b's',1); t(H.pbkdf2_hmac,'sha1',b'p',b's',1,10); t(H.pbkdf2_hmac,'sha1',b'p',b's',0); t(H.pbkdf2_hmac,'sha1',b'p',b's',-1); t(H.pbkdf2_hmac,'sha1',b'p',b's',1,0); t(H.pbkdf2_hmac,'sha1',b'p',b's',1,-1); t(H.pbkdf2_hmac,'nope',b'p',b's',1); t(H.pbkdf2_hmac,'sha1','p',b's',1); t(H.pbkdf2_hmac,b'sha1',b'p',b's',1); t(H.pbkdf2_hmac,'sha1',b'p',b's',2**40); t(H.pbkdf2_hmac,'sha1',b'p',b's',1,2**40); t(H.pbkdf2_hmac,'sha1',b'p',b's',1,2**70); t(H.pbkdf2_hmac,'sha1',b'p',b's',2**70);t(H.pbkdf2_hmac,'sha1',b'p',b's',1,dklen=None);t(H.pbkdf2_hmac,'sha1',b'p',b's',1,dklen='x');t(H.pbkdf2_hmac,hash_name='sha1',password=b'p',salt=b's',iterations=1.5);t(H.pbkdf2_hmac,'shake_128',b'p',b's',1)
s=H.scrypt
t(s,b'p'); t(s,b'p',salt=b's'); t(s,b'p',salt=b's',n=2); t(s,b'p',salt=b's',n=2,r=8); t(s,b'p',salt=b's',n=2,r=8,p=1); t(s,b'p',salt=b's',n=2,r=8,p=1,dklen=10); t(s,b'p',salt=b's',n=3,r=8,p=1); t(s,b'p',salt=b's',n=1,r=8,p=1); t(s,b'p',salt=b's',n=0,r=8,p=1); t(s,b'p',salt=b's',n=-1,r=8,p=1); t(s,b'p',salt=b's',n='2',r=8,p=1); t(s,b'p',salt=b's',n=2,r=-8,p=1); t(s,b'p',salt=b's',n=2,r='8',p=1); t(s,b'p',salt=b's',n=2,r=8,p=None); t(s,b'p',salt=b's',n=2,r=8,p=1,maxmem=-1); t(s,b'p',salt=b's',n=2,r=8,p=1,maxmem=2**40); t(s,b'p',salt=b's',n=2,r=8,p=1,dklen=0); t(s,b'p',salt=b's',n=2,r=8,p=1,dklen=-1);t(s,b'p',salt=b's',n=2,r=8,p=1,dklen=2**40);t(s,'p',salt=b's',n=2,r=8,p=1);t(s,b'p',salt='s',n=2,r=8,p=1);t(s,b'p',salt=b's',n=2**20,r=8,p=1);t(s,b'p',salt=b's',n=2,r=0,p=1);t(s,b'p',salt=b's',n=2**70,r=8,p=1);t(s,b'p',b's');t(s,b'p',salt=b's',n=2**63,r=8,p=1);t(s,b'p',salt=b's',n=2,r=2**30,p=2**30); t(s,b'p',salt=b's',n=2,r=2**70,p=1)
t(H.compare_digest,b'a',b'a'); t(H.compare_digest,'a','é'); t(H.compare_digest,'a',b'a'); t(H.compare_digest,'a','b'); t(H.compare_digest, 1,2); t(H.compare_digest,b'a'); t(H.compare_digest,a=b'a',b=b'a'); t(H.compare_digest,memoryview(b'ab'),b'ab')
t(copy.copy, h); t(pickle.dumps,h)
print(H.UnsupportedDigestmodError.__mro__, H.UnsupportedDigestmodError.__module__, type(H._constructors))
print(H.compare_digest.__module__, H.new.__module__, H.get_fips_mode())
print(h==h.copy(), hash(h)==hash(h), isinstance(x,H.HASH))

for c in (B.blake2b,B.blake2s):
  print(sorted(n for n in vars(c) if not n.startswith("__")), c.SALT_SIZE, c.PERSON_SIZE, c.MAX_KEY_SIZE, c.MAX_DIGEST_SIZE)
  t(c); t(c,b'abc'); t(c,'abc'); t(c,3); t(c,b'abc',1); t(c,data=b'x'); t(c,string=b'')
  for n in (0,-1,1,33,64,65,'x',2**70): t(c,digest_size=n)
  for n in (b'',b'k'*8,b'k'*32,b'k'*33,b'k'*64,b'k'*65,'k'): t(c,b'abc',key=n)
  for n in (b'',b's'*8,b's'*9,b's'*16,b's'*17,'s'): t(c,b'abc',salt=n); t(c,b'abc',person=n)
  for n in (-1,0,1,255,256,'x'): t(c,fanout=n); t(c,depth=n); t(c, node_depth=n); t(c,inner_size=n); t(c,last_node=n)
  for n in (32,33,64,65): t(c,inner_size=n)
  for n in (-1,0,1,2**32-1,2**32,2**64,'x'): t(c,leaf_size=n)
  for n in (-1,0,1,2**32-1,2**32,2**48-1,2**48,2**64-1,2**64,'x'): t(c,node_offset=n)
  t(c,usedforsecurity=False); t(c,b'x'*1000,key=b'k',salt=b'q',person=b'z',fanout=2,depth=3,leaf_size=4096,node_offset=7,node_depth=1,inner_size=32,last_node=True,digest_size=20)
  h=c(b'x'); h.update(b'y'*127); t(h.copy); h.update(b'z'*300); t(h.copy); t(h.update,'x'); t(h.update); t(h.update,3); t(h.update,data=b'x'); print(str(h)[:20])
  try:
    class S(c): pass
    print(S)
    t(S, b'abc'); print(type(S(b'').copy()))
  except TypeError as e: print(e)
  try: h.x=1
  except AttributeError as e: print(e)
  try: h.name='x'
  except AttributeError as e: print(e)
  try: c.x=1
  except TypeError as e: print(e)
  t(copy.copy,h)

print(sorted(H.openssl_md_meth_names), sorted(n for n in dir(H) if not n.startswith("__")), sorted(n for n in dir(B) if not n.startswith("__")))
for name in sorted(hashlib.algorithms_guaranteed):
    h = hashlib.new(name)
    for n in (0, 1, 55, 56, 63, 64, 65, 127, 128, 129, 1000, 5000): h.update(bytes(range(256)) * 20 if n == 5000 else b"a" * n)
    print(name, h.name, h.hexdigest(*[20] * name.startswith("shake")))
print(hmac.new(b"key", b"message", "sha256").hexdigest(), hmac.digest(b"key", b"message", hashlib.sha1).hex(), hashlib.file_digest(open(__file__, "rb"), "md5").name)

# One object of several threads: every piece is counted once, whatever their order.
piece = b"x" * 100_000
shared, blake = hashlib.sha256(), hashlib.blake2b()
def feed():
    for _ in range(20): shared.update(piece); blake.update(piece)
threads = [threading.Thread(target=feed) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(shared.digest() == hashlib.sha256(piece * 80).digest(), blake.digest() == hashlib.blake2b(piece * 80).digest())
for _ in range(20_000): hashlib.md5(b"x").digest()
