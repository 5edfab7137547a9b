"""_asyncio.Future beside a loop of our own: states, callbacks, iterators, messages."""
import asyncio
import contextvars
import gc
import weakref

import _asyncio


class Loop:
    """As much of an event loop as a future needs."""

    def __init__(self, debug=False):
        self.calls = []
        self.debug = debug

    def get_debug(self):
        return self.debug

    def call_soon(self, callback, *args, context=None):
        self.calls.append((callback, args, context))

    def call_exception_handler(self, context):
        print('handler:', {k: v if k == 'message' else type(v).__name__ for k, v in context.items()})

    def turn(self):
        calls, self.calls = self.calls, []
        for callback, args, context in calls:
            context.run(callback, *args)


loop = Loop()


def attempt(text, function):
    try:
        print(text, '->', function())
    except BaseException as e:
        print(text, '->', type(e).__name__ + ':', e)


def new(cls=asyncio.Future):
    return cls(loop=loop)


print(asyncio.Future is _asyncio.Future, asyncio.Future.__module__, asyncio.Future[int])
f = new()
print(f, f.done(), f.cancelled(), f._state, f._callbacks, f._result, f._exception, f._loop is loop, f.get_loop() is loop)
attempt('result', f.result)
attempt('exception', f.exception)
f.set_result(42)
print(f, f.done(), f.result(), f.exception(), f._result)
attempt('again', lambda: f.set_result(1))
attempt('exception after', lambda: f.set_exception(ValueError()))
print(f.cancel(), f.cancelled())

# Failing.
f = new()
f.set_exception(ValueError('broken'))
print(f, f._log_traceback)
attempt('result', f.result)
print(f._log_traceback, repr(f.exception()))
for wrong in (1, StopIteration, StopIteration(1), int):
    attempt('set_exception', lambda: new().set_exception(wrong))
f = new()
f.set_exception(KeyError)
print(repr(f.exception()))

# Cancelling.
f = new()
f.add_done_callback(print)
print(f.cancel('why'), f.cancel(), f.cancelled(), f._cancel_message, f)
attempt('result', f.result)
attempt('exception', f.exception)
print(repr(f._make_cancelled_error()))
loop.turn()

# Callbacks: order, contexts, removal.
var = contextvars.ContextVar('var', default='outside')


def show(tag):
    def callback(future):
        print(tag, future.result(), var.get())
    return callback


f = new()
inside = contextvars.copy_context()
inside.run(var.set, 'inside')
a, b = show('a'), show('b')
f.add_done_callback(a)
f.add_done_callback(b, context=inside)
f.add_done_callback(a)
f.add_done_callback(a, context=inside)
print(len(f._callbacks), [c is a for c, _ in f._callbacks])
print(f.remove_done_callback(a), len(f._callbacks), f.remove_done_callback(a))
f.add_done_callback(a)
f.set_result('r')
f.add_done_callback(b)
print(f._callbacks, len(loop.calls))
loop.turn()


class Equal:
    """Comparing this removes what is being gone through."""

    def __init__(self, future):
        self.future = future

    def __call__(self, future):
        pass

    def __eq__(self, other):
        future, self.future = self.future, None
        if future:
            print('removed', future.remove_done_callback(print))
        return False


f = new()
f.add_done_callback(len)
f.add_done_callback(Equal(f))
f.add_done_callback(print)
print(f.remove_done_callback(id), len(f._callbacks))
attempt('no callback', lambda: f.add_done_callback())
attempt('two callbacks', lambda: f.add_done_callback(1, 2))

# Awaiting by hand.
f = new()
it = iter(f)
print(type(it).__name__, next(it) is f, f._asyncio_future_blocking)
attempt('next', lambda: next(it))
f.set_result('value')
attempt('next', lambda: next(it))
print(next(it, 'over'))
for arguments in ((), (1,), (ValueError, 1, 2), (ValueError(1), 2), (ValueError, 'a'), (ValueError('b'),), (1, 2, 3, 4)):
    attempt(f'throw{arguments}', lambda: iter(new()).throw(*arguments))
it = iter(f)
print(it.close(), next(it, 'closed'))
attempt('send', lambda: iter(f).send(None))
attempt('new iterator', lambda: type(it)())

# Attributes that may be set, and those that may not.
f = new()
f._asyncio_future_blocking = 1
print(f._asyncio_future_blocking)
f._cancel_message = 'message'
print(f._cancel_message)
attempt('log', lambda: setattr(f, '_log_traceback', True))
for name in ('_log_traceback', '_asyncio_future_blocking', '_cancel_message'):
    attempt('delete ' + name, lambda: delattr(f, name))
f.extra = 'extra'
print(f.extra)

# Not initialised.
bare = asyncio.Future.__new__(asyncio.Future)
print(bare.done(), bare.cancelled(), bare._asyncio_future_blocking, bare._loop, bare._source_traceback)
for name in ('result', 'exception', 'cancel', 'get_loop', '__iter__', '__repr__'):
    attempt(name, lambda: getattr(bare, name)())
for name in ('_state', '_callbacks', '_result', '_exception', '_log_traceback'):
    attempt(name, lambda: getattr(bare, name))
attempt('positional', lambda: asyncio.Future(1))
attempt('keyword', lambda: asyncio.Future(lop=1))


# Subclasses.
class Sub(asyncio.Future):
    def __init__(self, **keywords):
        super().__init__(**keywords)
        self.log = []

    def set_result(self, value):
        self.log.append(value)
        super().set_result(value * 2)


class Dying(Sub):
    def __del__(self):
        print('dying', self._state)
        super().__del__()


s = new(Sub)
s.set_result(4)
print(s.log, s.result(), s)
s = new(Dying)
s.set_exception(OSError('lost'))
del s
gc.collect()
asyncio.isfuture(f)
print(asyncio.isfuture(f), asyncio.isfuture(1))

# Exceptions that nobody asked for, weak references.
f = new()
r = weakref.ref(f)
f.set_exception(ValueError('never seen'))
del f
gc.collect()
print(r())
f = new()
f.set_exception(ValueError('seen'))
f.exception()
del f
gc.collect()
f = Loop(debug=True)
g = asyncio.Future(loop=f)
print(type(g._source_traceback).__name__, g._source_traceback[-1].lineno > 0)
g.set_exception(ValueError('debug'))
del g
gc.collect()

# A result that was raised keeps its traceback from the first time only.
f = new()
try:
    1 / 0
except ZeroDivisionError as e:
    f.set_exception(e)
for _ in range(2):
    try:
        f.result()
    except ZeroDivisionError as e:
        t, n = e.__traceback__, 0
        while t:
            t, n = t.tb_next, n + 1
        print(n)
