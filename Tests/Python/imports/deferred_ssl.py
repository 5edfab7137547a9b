"""`asyncio` and `http.client` import `ssl` in case. It runs when somebody looks into it; nobody can tell by what he sees."""
import asyncio
import asyncio.base_events
import http.client
import sys

for name in ("ssl", "asyncio.sslproto"):
    module = sys.modules[name]
    print(name, type(module).__name__, module.__name__, module.__spec__.name, module.__package__)
print(asyncio.sslproto is sys.modules["asyncio.sslproto"], asyncio.base_events.sslproto is asyncio.sslproto)
print(asyncio.base_events.ssl is sys.modules["ssl"], http.client.ssl is sys.modules["ssl"])

# A loop that encrypts nothing asks whether a socket is one of ssl's.


async def echo():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"in the clear\n")
    print(await reader.readline())
    writer.close()
    server.close()


async def handle(reader, writer):
    writer.write((await reader.readline()).upper())
    writer.close()


asyncio.run(echo())

print(asyncio.sslproto.SSLProtocolState.WRAPPED, "SSLProtocol" in dir(asyncio.sslproto))
import ssl

print([e.__name__ for e in asyncio.sslproto.SSLAgainErrors], issubclass(ssl.SSLWantReadError, OSError))
print(ssl.PROTOCOL_TLS_CLIENT, ssl.CERT_REQUIRED, ssl.SSLContext.__mro__[1].__name__, "_ssl" in sys.modules)
context = ssl.create_default_context()
print(context.verify_mode, context.check_hostname, isinstance(context, ssl.SSLContext))
print(ssl.__file__ == ssl.__spec__.origin, ssl.__doc__.splitlines()[0])
try:
    ssl.missing
except AttributeError as e:
    print(e)
from asyncio import sslproto as again

print(again is asyncio.sslproto)


async def refused():
    try:
        await asyncio.open_connection("127.0.0.1", 1, ssl=True, server_hostname="localhost")
    except OSError as e:
        print(type(e).__name__)


asyncio.run(refused())
