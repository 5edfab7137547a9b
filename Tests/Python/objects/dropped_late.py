# A thread that waits for others learns of an object that they have dropped after its wait began, however often they had dropped a name of it in vain.
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
