# A thread that waits for others learns of an object that they have dropped after its wait began, however often they had dropped a name of it in vain.
import concurrent.futures
import queue
import threading
import time
import weakref


class Owner:
    pass


def works(reference, tasks, rounds):
    for _ in range(rounds):
        owner = reference()
        time.sleep(0.25)
        del owner
    print("told", tasks.get())


def run(rounds):
    tasks = queue.SimpleQueue()
    owner = Owner()
    reference = weakref.ref(owner, lambda _: tasks.put("the owner is gone"))
    thread = threading.Thread(target=works, args=(reference, tasks, rounds))
    thread.start()
    time.sleep(0.25 * rounds - 0.15)
    del owner
    thread.join()
    print("joined")


run(5)
run(1)


# the same of a pool whose workers wait within C code
def pool():
    executor = concurrent.futures.ThreadPoolExecutor(max_workers=5)
    results = executor.map(abs, range(-5, 5))
    threads = executor._threads
    del executor
    for thread in threads:
        thread.join()
    print(list(results))


for i in range(3):
    pool()
