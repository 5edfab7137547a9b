# What the hooks are told: sys.unraisablehook, coroutines that nobody awaited, functions at exit.
import atexit, gc, sys, warnings

seen = []


def hook(u):
    seen.append(type(u))
    print(type(u), len(u), u.exc_type, u.exc_value, u.err_msg, u[4] is u.object, isinstance(u, tuple))


class Failing:
    def __del__(self):
        1 / 0


sys.unraisablehook = hook
x = Failing()
del x
gc.collect()
kind = seen[0]
for wrong in (1, (1, 2, 3, 4, 5), None):
    try:
        sys.__unraisablehook__(wrong)
    except TypeError as e:
        print(e)
try:
    kind((1, 2))
except TypeError as e:
    print(e)
print(kind((ValueError, ValueError(3), None, "text", "object")))
sys.stderr = sys.stdout
sys.__unraisablehook__(kind((ValueError, ValueError(3), None, "text", "object")))
sys.__unraisablehook__(kind((ValueError, None, None, None, None)))
print(type(sys.get_asyncgen_hooks()), sys.get_asyncgen_hooks())


async def unawaited():
    pass


def start():
    return unawaited()


for depth in (0, 1, 2):
    sys.set_coroutine_origin_tracking_depth(depth)
    with warnings.catch_warnings(record=True) as messages:
        warnings.simplefilter("always")
        start()
        gc.collect()
    print([str(w.message).replace(__file__, "FILE") for w in messages], [w.category.__name__ for w in messages])
sys.set_coroutine_origin_tracking_depth(0)

# A broken `warnings` is told of, and the plain warning comes all the same.
original = warnings._warn_unawaited_coroutine
for replaced in (lambda c: 1 / 0, None):
    if replaced:
        warnings._warn_unawaited_coroutine = replaced
    else:
        del warnings._warn_unawaited_coroutine
    with warnings.catch_warnings(record=True) as messages:
        warnings.simplefilter("always")
        start()
        gc.collect()
    print([str(w.message) for w in messages])
warnings._warn_unawaited_coroutine = original
with warnings.catch_warnings():
    warnings.simplefilter("error")
    start()
    gc.collect()
sys.unraisablehook = sys.__unraisablehook__


def late():
    atexit.register(print, "registered too late")
    print("late")


def unregistering():
    atexit.unregister(never)
    print("unregistering")


def never():
    print("never")


atexit.register(never)
atexit.register(print, "first registered, last run")
atexit.register(late)
atexit.register(unregistering)
atexit.register(print, "again", sep="")
print(atexit._ncallbacks())
atexit.unregister(print)
print(atexit._ncallbacks())
atexit.register(print, "first to run")
