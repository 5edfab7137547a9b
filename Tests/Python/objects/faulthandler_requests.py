# faulthandler writes to descriptors; what it wrote is read back and printed without thread identifiers.
import faulthandler, os, re, signal, tempfile, time


def show(write):
    with tempfile.TemporaryFile("w+") as f:
        write(f)
        f.seek(0)
        print(re.sub(r"0x[0-9a-f]{16}", "ID", f.read()).replace(__file__, "FILE"))


def inner(f):
    faulthandler.dump_traceback(f)


def on_signal(f):
    faulthandler.register(signal.SIGUSR1, f, all_threads=False)
    os.kill(os.getpid(), signal.SIGUSR1)
    print(faulthandler.unregister(signal.SIGUSR1), faulthandler.unregister(signal.SIGUSR1))


def chained(f):
    signal.signal(signal.SIGUSR1, lambda *a: print("handler", a[0]))
    faulthandler.register(signal.SIGUSR1, f, all_threads=False, chain=True)
    os.kill(os.getpid(), signal.SIGUSR1)
    faulthandler.unregister(signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR1)


def later(f):
    faulthandler.dump_traceback_later(0.05, file=f)
    time.sleep(0.5)


def cancelled(f):
    faulthandler.dump_traceback_later(60, file=f)
    faulthandler.cancel_dump_traceback_later()


for write in inner, on_signal, chained, later, cancelled:
    show(write)
for bad in (lambda: faulthandler.register(signal.SIGSEGV), lambda: faulthandler.dump_traceback_later(0), lambda: faulthandler.register(99),
            lambda: faulthandler.unregister(-1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
faulthandler.enable()
print(faulthandler.is_enabled(), faulthandler.disable(), faulthandler.is_enabled(), faulthandler.disable())
