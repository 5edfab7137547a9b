# amphis: --cpython=zlib,_queue
# What is set aside while a container is lent lives until the loan has ended, also when ending it collects. Only -X gccheck
# with a collection every few allocations (31) has seen it.
import _queue
import gc
import threading
import zlib

q = _queue.SimpleQueue()
done = threading.Event()
# Containers are made current at once while there is a second thread.
other = threading.Thread(target=done.wait)
other.start()
for k in range(300):
    for i in range(k % 7 + 1):
        q.put([i, {"a": i}])
        q.get()
        zlib.crc32(b"x")
    gc.collect()
done.set()
other.join()
print("ok")
