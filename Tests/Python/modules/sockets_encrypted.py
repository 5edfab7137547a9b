"""Sockets of ours in libpython's _ssl: handshakes, timeouts, closing, and who is asked in callbacks; all on this machine."""
import asyncio
import gc
import os
import socket
import ssl
import tempfile
import threading
import warnings

PEM = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFGBJ1K+BKdi3ws0B
hnPMyhEEFfmoRylyyGnFop9ZlGKhRANCAATwdg5yGOnf8g+ZmR+E2sSvHAvLfrFd
07/3J03XF+oqOiPkOeOMQdWLzBTuCPwLZ2MDh5VAW5XxqWvkrm96ILVR
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUJadHGztFE3hbvtba38hJo3iZPEEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTIwMTA0MTkxMloYDzIxMjYxMTA3
MDQxOTEyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATwdg5yGOnf8g+ZmR+E2sSvHAvLfrFd07/3J03XF+oqOiPkOeOMQdWL
zBTuCPwLZ2MDh5VAW5XxqWvkrm96ILVRo28wbTAdBgNVHQ4EFgQUQzXTNqidrVoz
pzGzpLewNLIepaYwHwYDVR0jBBgwFoAUQzXTNqidrVozpzGzpLewNLIepaYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAIGe3iW9HJSxAooOrcx7ixm9X5btP+uMvP1B0pvx0dwtAiA6
O3ywnc/wj7HPccozlrIRdH1dRUs6gTSyxnWHOssznw==
-----END CERTIFICATE-----
"""
warnings.simplefilter("error")
with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as f:
    f.write(PEM)
server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server_context.load_cert_chain(f.name)
client_context = ssl.create_default_context(cafile=f.name)
os.unlink(f.name)


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except OSError as e:
        return f"{type(e).__name__}: {str(e).split(' (_ssl')[0]}"


names = []
server_context.sni_callback = lambda s, name, context: names.append((type(s).__name__, name, context is server_context))

listener = socket.create_server(("127.0.0.1", 0))


def serve(times):
    for _ in range(times):
        plain, _ = listener.accept()
        try:
            with server_context.wrap_socket(plain, server_side=True) as s:
                while data := s.recv(65536):
                    s.sendall(data.upper())
        except OSError:
            pass


server = threading.Thread(target=serve, args=(4,))
server.start()
with socket.create_connection(listener.getsockname()) as plain:
    with client_context.wrap_socket(plain, server_hostname="localhost") as s:
        print(type(s).__name__, isinstance(s, socket.socket), plain.fileno(), s.version(), s.gettimeout(), s.getblocking())
        s.sendall(b"hello")
        print(s.recv(100), s.getpeercert()["subject"], s.selected_alpn_protocol())
        s.settimeout(0.05)
        print(s.timeout, attempt(s.recv, 10))
        s.setblocking(False)
        print(attempt(s.recv, 10))
        s.settimeout(20)
        big = b"x" * 1_000_000
        t = threading.Thread(target=s.sendall, args=(big,))
        t.start()
        got = b""
        while len(got) < len(big):
            got += s.recv(100_000)
        t.join()
        print(got == big.upper())
        buffer = bytearray(10)
        s.send(b"into")
        print(s.recv_into(buffer), bytes(buffer), s.pending())
        with s.makefile("rwb") as stream:
            stream.write(b"a line\n")
            stream.flush()
            print(stream.readline())
        inner = s.unwrap()
        print(inner is s, inner.fileno() == s.fileno(), inner.send(b""))
    print(s.fileno(), attempt(s.recv, 1), attempt(s.send, b"x"))
print(names)

# One that is made over a closed one, one that lasts longer than its socket, one that is never closed.
s = socket.socket()
s.close()
print(attempt(client_context.wrap_socket, s, server_hostname="localhost"))
s = client_context.wrap_socket(socket.create_connection(listener.getsockname()), server_hostname="localhost")
inner = s._sslobj
os.close(s.detach())
print(attempt(inner.write, b"x"), s.fileno())
del s, inner
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    s = client_context.wrap_socket(socket.create_connection(listener.getsockname()), server_hostname="localhost", do_handshake_on_connect=False)
    s.settimeout(5)
    s.do_handshake()
    print(s.cipher() is not None)
    del s
    gc.collect()
print([w.category.__name__ for w in caught], ["SSLSocket" in str(w.message) for w in caught])

# A name that the certificate does not have
s = socket.create_connection(listener.getsockname())
print(attempt(client_context.wrap_socket, s, server_hostname="elsewhere"), s.fileno())
s.close()
server.join(20)
listener.close()


async def streams():
    async def echo(reader, writer):
        writer.write((await reader.read(100)).upper())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=server_context)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), ssl=client_context, server_hostname="localhost")
        writer.write(b"by asyncio")
        print(await reader.read(), writer.get_extra_info("socket").family, writer.get_extra_info("peername") == server.sockets[0].getsockname())
        writer.close()
        await writer.wait_closed()


asyncio.run(streams())
