# A lock that a thread waits for is free for the one that has released it, until that one lets others run.
import sys
import threading
import time

sys.setswitchinterval(10)
taken = 0
for _ in range(50):
    lock = threading.Lock()
    lock.acquire()

    def wait():
        with lock:
            pass

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.002)
    lock.release()
    for _ in range(1000):
        taken += lock.locked()
    thread.join()
print(taken)
