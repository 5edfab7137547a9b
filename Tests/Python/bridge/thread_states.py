# amphis: --cpython=_queue
"""CPython's states of threads that have ended do not stay, and what lay in them is let go in its thread."""
import ctypes
import gc
import threading
import _queue  # a C module that threads cross to

api = ctypes.PyDLL(None) if not hasattr(ctypes, "pythonapi") else ctypes.pythonapi
api.PyInterpreterState_Get.restype = ctypes.c_void_p
api.PyInterpreterState_ThreadHead.restype = ctypes.c_void_p
api.PyInterpreterState_ThreadHead.argtypes = [ctypes.c_void_p]
api.PyThreadState_Next.restype = ctypes.c_void_p
api.PyThreadState_Next.argtypes = [ctypes.c_void_p]
api.PyThreadState_GetDict.restype = ctypes.py_object


def states():
    n = 0
    state = api.PyInterpreterState_ThreadHead(api.PyInterpreterState_Get())
    while state:
        n += 1
        state = api.PyThreadState_Next(state)
    return n


def settle(most):
    """A joined thread may have a few instructions left."""
    import time

    for _ in range(100):
        if states() <= most:
            break
        time.sleep(0.01)
    return states()


log = []


class Told:
    def __del__(self):
        log.append(threading.get_ident())


def work(q):
    q.put(1)
    q.get()


def keep():
    api.PyThreadState_GetDict()["told"] = Told()
    idents.append(threading.get_ident())


idents = []
before = states()
for _ in range(50):
    t = threading.Thread(target=work, args=(_queue.SimpleQueue(),))
    t.start()
    t.join()
print("more states:", settle(before) - before)
threads = [threading.Thread(target=work, args=(_queue.SimpleQueue(),)) for _ in range(20)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("more states:", settle(before) - before)
for _ in range(5):
    t = threading.Thread(target=keep)
    t.start()
    t.join()
settle(before)
gc.collect()
print("told", len(log))
