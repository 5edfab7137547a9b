"""What call_soon of an event loop does stays what the program makes of it: subclasses, attributes, other handles, closed loops, debug mode."""
import asyncio
import sys


class Loop(asyncio.SelectorEventLoop):
    seen = 0

    def call_soon(self, callback, *args, context=None):
        Loop.seen += 1
        return super().call_soon(callback, *args, context=context)


async def work():
    f = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(f.set_result, 5)
    await asyncio.sleep(0)
    return await f


def run(loop):
    try:
        return loop.run_until_complete(work())
    finally:
        loop.close()


print(run(Loop()), Loop.seen > 3)
print(run(asyncio.SelectorEventLoop()))

# Of the instance.
loop = asyncio.new_event_loop()
count = 0
plain = loop.call_soon


def counting(callback, *args, context=None):
    global count
    count += 1
    return plain(callback, *args, context=context)


loop.call_soon = counting
print(run(loop), count > 3)

# Of the class, changed while loops of it exist.
loop = asyncio.new_event_loop()
count = 0
saved = asyncio.BaseEventLoop._call_soon


def patched(self, callback, args, context):
    global count
    count += 1
    return saved(self, callback, args, context)


asyncio.BaseEventLoop._call_soon = patched
print(run(loop), count > 3)
asyncio.BaseEventLoop._call_soon = saved
count = 0
print(run(asyncio.new_event_loop()), count)


# Another class of handles.
class Handle(asyncio.Handle):
    __slots__ = ()

    def _run(self):
        global count
        count += 1
        super()._run()


events = sys.modules['asyncio.events']
saved = events.Handle
events.Handle = Handle
print(run(asyncio.new_event_loop()), count > 3)
events.Handle = saved

# Debug mode notes where things were made.
loop = asyncio.new_event_loop()
loop.set_debug(True)
f = loop.create_future()
print(bool(f._source_traceback))
print(run(loop))

# A closed loop refuses.
f = asyncio.Future(loop=loop)
try:
    f.add_done_callback(print)
    f.set_result(1)
except RuntimeError as e:
    print(e)

# The handles of futures' callbacks are like all others.
loop = asyncio.new_event_loop()
f = loop.create_future()
f.add_done_callback(print)
f.set_result(7)
handle = loop._ready[-1]
print(type(handle) is asyncio.Handle, handle._args == (f,), handle._callback is print, handle.cancelled(), handle._loop is loop)
handle.cancel()
print(handle.cancelled(), handle._callback)
loop.call_soon(loop.stop)
loop.run_forever()
loop.close()
