"""_asyncio.Task: steps, cancellation, contexts, names, stacks, what is wrong to yield, what is told at the end."""
import asyncio
import collections.abc
import contextvars
import gc
import io
import types

import _asyncio

print(asyncio.Task is _asyncio.Task, issubclass(asyncio.Task, asyncio.Future), asyncio.Task[int])


def run(main):
    """asyncio.run, with what the loop's exception handler is told."""
    async def wrapped():
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: print('handler:', context['message'].split(' cb=')[0][:60], sorted(context)))
        return await main()
    return asyncio.run(wrapped())


def attempt(text, function):
    try:
        print(text, '->', function())
    except BaseException as e:
        print(text, '->', type(e).__name__ + ':', e)


async def order():
    log = []

    async def work(name, turns):
        for i in range(turns):
            log.append(f'{name}{i}')
            await asyncio.sleep(0)
        return name

    tasks = [asyncio.create_task(work(n, t), name=f'task {n}') for n, t in (('a', 3), ('b', 1), ('c', 2))]
    print([t.get_name() for t in tasks], [t.done() for t in tasks])
    print(await asyncio.gather(*tasks), log)
    t = tasks[0]
    print(t.done(), t.result(), t.exception(), t.cancelled(), t.get_coro().__name__, t._fut_waiter, t._callbacks)
    t.set_name(17)
    print(t.get_name(), repr(t).split(' at ')[0].split(' coro=')[0])
    attempt('set_result', lambda: t.set_result(1))
    attempt('set_exception', lambda: t.set_exception(1))
    print(t.cancel(), t.cancelling())
run(order)


async def cancelling():
    async def stubborn():
        for i in range(2):
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError as e:
                print('ignored', e.args, t.cancelling(), t.uncancel())
        await asyncio.sleep(10)

    t = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    for message in ('one', None, 'three'):
        print(t.cancel(message), t.cancelling(), t._must_cancel)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    try:
        await t
    except asyncio.CancelledError as e:
        print('cancelled', e.args, t.cancelled(), t.cancelling(), t.uncancel(), t.uncancel())
    attempt('exception', t.exception)

    async def quick():
        return 'never'
    t = asyncio.create_task(quick())
    t.cancel('before its start')
    await asyncio.wait([t])
    print(t.cancelled(), t._cancel_message)

    async def itself():
        asyncio.current_task().cancel()
        return 'done all the same'
    t = asyncio.create_task(itself())
    await asyncio.wait([t])
    print(t.cancelled())

    async def outer():
        await inner
    inner = asyncio.create_task(asyncio.sleep(10))
    t = asyncio.create_task(outer())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print(t._fut_waiter is inner)
    t.cancel()
    await asyncio.wait([t, inner])
    print(t.cancelled(), inner.cancelled())
run(cancelling)


async def failing():
    async def fail(e):
        raise e

    t = asyncio.create_task(fail(ValueError('bad')))
    try:
        await t
    except ValueError as e:
        names = []
        tb = e.__traceback__
        while tb:
            names.append(tb.tb_frame.f_code.co_name)
            tb = tb.tb_next
        print(e, names, e.__context__)
    out = io.StringIO()
    t.print_stack(file=out)
    print(out.getvalue().splitlines()[-1], [f.f_code.co_name for f in t.get_stack()], len(t.get_stack(limit=0)))
    t = asyncio.create_task(fail(StopIteration(3)))
    await asyncio.wait([t])
    print(repr(t.exception()))
    t = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    print([f.f_code.co_name for f in t.get_stack()])
    t.cancel()
run(failing)


async def contexts():
    var = contextvars.ContextVar('var', default='default')

    async def set_and_wait(value):
        var.set(value)
        await asyncio.sleep(0)
        print(value, var.get())
    var.set('outer')
    await asyncio.gather(set_and_wait('x'), set_and_wait('y'))
    print(var.get())
    mine = contextvars.copy_context()
    await asyncio.create_task(set_and_wait('z'), context=mine)
    print(var.get(), mine[var])
run(contexts)


class Foreign:
    """A future of another kind."""
    _asyncio_future_blocking = False

    def __init__(self, loop):
        self.loop, self.callbacks, self.value = loop, [], None

    def get_loop(self):
        return self.loop

    def add_done_callback(self, callback, *, context):
        self.callbacks.append((callback, context))

    def result(self):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def finish(self, value):
        self.value = value
        for callback, context in self.callbacks:
            self.loop.call_soon(callback, self, context=context)

    def cancel(self, msg=None):
        print('foreign cancel', msg)
        return False

    def __await__(self):
        self._asyncio_future_blocking = True
        yield self
        return self.result()


async def yields():
    loop = asyncio.get_running_loop()
    for value in ('given', ValueError('raised')):
        f = Foreign(loop)
        loop.call_soon(f.finish, value)
        try:
            print('foreign', await f)
        except ValueError as e:
            print('foreign', repr(e))

    @types.coroutine
    def bare(value):
        return (yield value)

    def generator():
        yield

    async def await_bare(make):
        try:
            return await bare(make())
        except BaseException as e:
            return type(e).__name__, str(e).split(' coro=')[0].split(' with <')[0].split("'")[0]
    other = asyncio.new_event_loop()

    def of_other():
        f = other.create_future()
        f._asyncio_future_blocking = True
        return f
    for make in (lambda: None, lambda: 1, loop.create_future, of_other, generator, asyncio.current_task):
        print(await asyncio.create_task(await_bare(make)))
    other.close()
    f = Foreign(loop)
    t = asyncio.create_task(await_bare(lambda: f))
    f._asyncio_future_blocking = True
    await asyncio.sleep(0)
    print(t.cancel('message'), t._must_cancel)
    f.finish(1)
    print(await t)


run(yields)


class Coroutine(collections.abc.Coroutine):
    """A coroutine without a frame."""

    def __init__(self):
        self.turns = 0

    def send(self, value):
        self.turns += 1
        if self.turns == 3:
            raise StopIteration('by hand')
        return None

    def throw(self, *args):
        raise StopIteration(('thrown', args[0]))

    def __await__(self):
        return self


async def others():
    print(await asyncio.create_task(Coroutine()))
    t = asyncio.create_task(Coroutine())
    await asyncio.sleep(0)
    t.cancel()
    print(await t)

    @types.coroutine
    def legacy():
        yield
        return 'legacy'
    print(await asyncio.create_task(legacy()))
    attempt('no coroutine', lambda: asyncio.Task(1))
    attempt('nothing', lambda: asyncio.Task())
run(others)


class Sub(asyncio.Task):
    def __init__(self, *args, **keywords):
        super().__init__(*args, **keywords)
        self.note = 'noted'

    def add_done_callback(self, callback, *, context=None):
        print('add_done_callback of a subclass')
        super().add_done_callback(callback, context=context)

    def cancel(self, msg=None):
        print('cancel of a subclass')
        return super().cancel(msg)


async def subclasses():
    async def one():
        await asyncio.sleep(0)
        return 1
    loop = asyncio.get_running_loop()
    loop.set_task_factory(lambda loop, coro, context=None: Sub(coro, loop=loop, context=context))
    t = asyncio.create_task(one())
    print(type(t).__name__, t.note, await t)

    async def waits():
        return await t2
    t2 = asyncio.create_task(asyncio.sleep(10))
    t = asyncio.create_task(waits())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    t.cancel()
    await asyncio.wait([t, t2])
    print(t.cancelled(), t2.cancelled())
run(subclasses)


async def tables():
    loop = asyncio.get_running_loop()
    me = asyncio.current_task()
    print(len(asyncio.all_tasks()), asyncio.all_tasks() == {me}, me in asyncio.tasks._all_tasks)
    t = asyncio.create_task(asyncio.sleep(0))
    print(len(asyncio.all_tasks()))
    asyncio._unregister_task(t)
    print(asyncio.all_tasks() == {me}, t in asyncio.tasks._all_tasks)
    asyncio._register_task(t)
    print(len(asyncio.all_tasks()))
    await t
    print(asyncio.all_tasks() == {me}, asyncio.tasks._current_tasks[loop] is me)

    class Like:
        def get_loop(self):
            return loop

        def done(self):
            return False
    like = Like()
    asyncio._register_task(like)
    print(like in asyncio.all_tasks(), like in asyncio.tasks._all_tasks, len(asyncio.all_tasks()))
    asyncio._unregister_task(like)
    print(like in asyncio.all_tasks())
    for function in (asyncio._enter_task, asyncio._leave_task):
        try:
            function(loop, like)
        except RuntimeError as e:
            print(str(e).split(' <')[0])
    asyncio._leave_task(loop, me)
    print(asyncio.current_task())
    asyncio._enter_task(loop, me)

    # The table is the module's own, whatever becomes of its name.
    saved = _asyncio._all_tasks
    _asyncio._all_tasks = None
    _asyncio._register_task(like)
    _asyncio._unregister_task(like)
    _asyncio._all_tasks = saved
    print(asyncio.all_tasks() == {me})
run(tables)


async def ends():
    loop = asyncio.get_running_loop()

    async def fail():
        raise LookupError
    asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
    f = loop.create_future()

    async def waits(f):
        await f
    t = asyncio.create_task(waits(f))
    await asyncio.sleep(0)
    del t, f
    gc.collect()
    f = loop.create_future()
    t = asyncio.create_task(waits(f))
    await asyncio.sleep(0)
    t._log_destroy_pending = False
    del t, f
    gc.collect()
    t = asyncio.create_task(fail())
    await asyncio.wait([t])
    t.exception()
    del t
    gc.collect()
    print('end')
run(ends)


async def interrupted():
    async def leave():
        raise SystemExit(3)
    t = asyncio.create_task(leave())
    try:
        await asyncio.sleep(1)
    finally:
        print(t.done())
        t.exception()
attempt('exit', lambda: run(interrupted))
attempt('none running', asyncio.get_running_loop)
print(_asyncio._get_running_loop())
