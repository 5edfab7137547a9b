"""_socket: what its functions and methods take, refuse and answer, each in CPython's words; no packet leaves this machine."""
import _socket


def t(f, *args, **kwargs):
    name = getattr(f, "__name__", f)
    try:
        print(name, args, kwargs, "->", repr(f(*args, **kwargs)))
    except BaseException as e:
        print(name, args, kwargs, "!!", type(e).__name__, e.args)


S=_socket.socket
for a,k in [((),dict(fileno=-1)),((),dict(fileno=1.5)),((),dict(fileno='x')),((),dict(fileno=10**20)),((),dict(fileno=99)),((2,1,0,99),{}),((),dict(fileno=0)),((2,1,0,0),{}),((999,),{}),((2,999),{}),(('x',),{}),((1,2,3,4,5),{}),((),dict(foo=1))]: t(S,*a,**k)
s=S()
for m in "recv recv_into recvfrom recvfrom_into send sendall sendto sendmsg recvmsg recvmsg_into bind connect connect_ex getsockopt setsockopt settimeout setblocking shutdown listen _accept close getpeername gettimeout sendmsg_afalg".split():
    t(getattr(s,m),1,2,3,4,5,6)
    s2=S(); t(getattr(s2,m)); s2.close()
    s2=S(); t(getattr(s2,m),'x'); s2.close()
    s2=S(); t(getattr(s2,m),foo=1); s2.close()
s=S()
t(s.recv,-1);t(s.recv,2**70);t(s.recv,1,2**40);t(s.recv,1.5);t(s.recv_into,bytearray(3),4);t(s.recv_into,bytearray(3),-4);t(s.recvfrom_into,bytearray(3),4);t(s.recvfrom_into,bytearray(3),-4);t(s.recv_into,b'x');t(s.recvfrom,-1)
t(s.recvmsg,-1);t(s.recvmsg,1,-1);t(s.recvmsg,1,1<<40);t(s.recvmsg_into,1);t(s.recvmsg_into,[b'x']);t(s.recvmsg_into,[bytearray(1)],-1)
t(s.sendmsg,1);t(s.sendmsg,['x']);t(s.sendmsg,[b'x'],1);t(s.sendmsg,[b'x'],[1]);t(s.sendmsg,[b'x'],[(1,2)]);t(s.sendmsg,[b'x'],[(1,2,'x')])
for b in [1,(1,),('x',),('127.0.0.1','x'),('127.0.0.1',-1),('127.0.0.1',65536),('127.0.0.1',2**40),(1,2),('a\0b',1),(b'127.0.0.1',0),(bytearray(b'127.0.0.1'),0),('ä'*70,1),None,['',1],('127.0.0.1',1.0),('x'*70,1)]: 
    s2=S(); t(s2.bind,b); s2.close()
s6=S(10)
for b in [1,('::1',),('::1',1,2,3,4),('::1',1,2**20),('::1',1,-1),('::1',70000),('::1','x'),('127.0.0.1',1)]: t(s6.bind,b)
u=S(1)
for b in [1,'x'*200,b'x'*108,b'\0'+b'x'*107,b'\0'+b'x'*108,None]: t(u.bind,b); u.close(); u=S(1)
n=S(16,3)
for b in [1,(1,),(0,0),('x',1)]: t(n.bind,b)
p=S(17,2)
for b in [1,(1,),('lo',),('lo',3),('nosuch',3),('lo',70000),('lo',3,1,2,b'123456789'),('lo',3,1,2,b'123456'),('lo',3,1,2,3,4)]: t(p.bind,b)
try: print(p.getsockname())
except OSError as e: print(e)
v=S(40,1)
for b in [1,(1,),(-1,1),('x',1)]: t(v.bind,b)
t(s.setsockopt,1,2,2**40);t(s.setsockopt,1,2,'x');t(s.setsockopt,1,2,None);t(s.setsockopt,1,2);t(s.setsockopt,1,2,None,4);t(s.setsockopt,1,2,None,-4);t(s.setsockopt,'x',2,3);t(s.setsockopt,1,2,1.5);t(s.setsockopt,1,2,b'\1\0\0\0');t(s.setsockopt,1,2,1,1);t(s.setsockopt,1,2,True)
t(s.getsockopt,1,2,-1);t(s.getsockopt,1,2,2000);t(s.getsockopt,1,2,4);t(s.getsockopt,1,2);t(s.getsockopt,1,999);t(s.getsockopt,'x',1);t(s.getsockopt,1,13,8)
t(s.settimeout,-1);t(s.settimeout,'x');t(s.settimeout,1e20);t(s.settimeout,3e6);t(s.settimeout,float('nan'));t(s.settimeout,1<<31);t(s.settimeout,True);t(s.gettimeout);t(s.settimeout,0.3);t(s.gettimeout);t(s.settimeout,1e-9);t(s.gettimeout)
t(s.setblocking,[]);t(s.gettimeout);t(s.getblocking);t(s.setblocking,2);t(s.setblocking,1.5);t(s.setblocking,None)
t(s.listen,-1);t(s.listen,2**40);t(s.listen,1.5)
print(repr(s).replace(str(s.fileno()),'N'), s.family,s.type,s.proto,s.timeout)
for f in "ntohs ntohl htons htonl".split():
    for a in [(),(1,),(-1,),(65535,),(65536,),(2**32-1,),(2**32,),(2**70,),('x',),(1.5,),(1,2),(True,)]: t(getattr(_socket,f),*a)
for a in [('1.2.3.4',),('1.2',),('x',),(b'1.2.3.4',),(1,),('1\0',)]: t(_socket.inet_aton,*a)
for a in [(b'1234',),(b'12',),('x',)]: t(_socket.inet_ntoa,*a)
for a in [(2,'1.2.3.4'),(10,'::1'),(2,'x'),(99,'x'),('x',1),(2,)]: t(_socket.inet_pton,*a)
for a in [(2,b'1234'),(10,b'1'*16),(2,b'x'),(10,b'x'),(99,b'x'),('x',1),(2,'x')]: t(_socket.inet_ntop,*a)
for a in [('localhost',80),('127.0.0.1','http'),(None,80),(b'127.0.0.1',b'80'),(1,2),('127.0.0.1',1.5),('127.0.0.1',True),('127.0.0.1',2**70),('x'*70,1),('a..b',1),('',1),('127.0.0.1','nosuchservice'),('127.0.0.1',80,2,1),('::1',80),('127.0.0.1',80,10),('a\0b',1),('127.0.0.1','8\0'),(None,None),(bytearray(b'x'),1),('127.0.0.1','\ud800')]: t(_socket.getaddrinfo,*a)
t(_socket.getaddrinfo,'127.0.0.1',80,foo=1);t(_socket.getaddrinfo,'127.0.0.1');t(_socket.getaddrinfo,'127.0.0.1',80,flags=_socket.AI_CANONNAME,type=1)
for f in "gethostbyname gethostbyname_ex gethostbyaddr".split():
    for a in ['127.0.0.1','localhost','255.255.255.255','::1',b'127.0.0.1',1,None,'a\0','x'*70,'a..b']: t(getattr(_socket,f),a)
    t(getattr(_socket,f)); t(getattr(_socket,f),'x',1)
for a in [(('127.0.0.1',80),0),(('127.0.0.1',80),3),(1,0),((1,),0),(('127.0.0.1',80,0),0),(('::1',80,0,0),3),(('::1',80,2**21,0),0),(('localhost',80),3),(('127.0.0.1','x'),0),(('127.0.0.1',80),),(('127.0.0.1',80),'x'),(('127.0.0.1',-1),3),(('127.0.0.1',70000),3)]: t(_socket.getnameinfo,*a)
for a in [('http',),('http','tcp'),('nosuch',),('http','foo'),(1,),('a\0',),()]: t(_socket.getservbyname,*a)
for a in [(80,),(80,'tcp'),(70000,),(-1,),(1,'x'),('x',),(65000,)]: t(_socket.getservbyport,*a)
for a in [('tcp',),('nosuch',),(1,)]: t(_socket.getprotobyname,*a)
for a in [('lo',),('nosuch',),(b'lo',),(1,),()]: t(_socket.if_nametoindex,*a)
for a in [(1,),(0,),(99999,),('x',),(-1,),(2**70,)]: t(_socket.if_indextoname,*a)
t(_socket.if_nameindex)
for f in (_socket.CMSG_LEN,_socket.CMSG_SPACE):
    for a in [(0,),(1,),(8,),(-1,),(2**31,),(2**31-20,),(2**31-32,),(2**70,),('x',)]: t(f,*a)
t(_socket.close,-1);t(_socket.close,'x');t(_socket.close,999);t(_socket.dup,-1);t(_socket.dup,999);t(_socket.dup,'x')
t(_socket.setdefaulttimeout,-1);t(_socket.setdefaulttimeout,'x');t(_socket.getdefaulttimeout);t(_socket.setdefaulttimeout,2.5);t(_socket.getdefaulttimeout);x=S();print(x.timeout);t(_socket.setdefaulttimeout,None)
t(_socket.socketpair,99);t(_socket.socketpair,1,2,3,4);t(_socket.socketpair,'x')
t(_socket.sethostname,1);t(_socket.gethostname,1)

z=S.__new__(S); print(z.fileno(),z.timeout,z.family,z.type,z.proto); t(z.bind,('127.0.0.1',0)); t(z.recv,1); t(z.close); t(z.settimeout,1)
print(_socket.herror.__mro__,_socket.gaierror.__mro__,_socket.herror.__doc__,_socket.gaierror.__module__)
for n in ('family','timeout'):
    try: setattr(s,n,3)
    except Exception as e: print(type(e),e)
print(sorted(k for k in vars(_socket) if k!='CAPI' and not k.startswith('__')))
print({k:v for k,v in sorted(vars(_socket).items()) if type(v) is int})
print(sorted(k for k in vars(S) if not k.startswith('__')))
for x in (s,p,v,u,s6): x.close()


# What cannot be written to, in the words of each.
import io
import socket

here, there = socket.socketpair()
for read in (io.BytesIO(b"x").readinto, here.recv_into, here.recvfrom_into):
    for bad in (None, 5, b"bytes", "text", [1]):
        try:
            read(bad)
        except (TypeError, BufferError) as e:
            print(type(e).__name__, e)
here.close()
there.close()
