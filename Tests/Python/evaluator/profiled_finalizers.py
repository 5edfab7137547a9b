"""Finalizers and callbacks that run while a profiler looks on are calls like others: each call event's frame was called by the frame
whose call event came last and has not returned yet."""
import sys
import weakref

stack, wrong, kinds = [], [], set()


def profiler(frame, event, argument):
    if event == "call":
        if frame.f_code.co_filename == __file__:
            kinds.add(frame.f_code.co_name)
        if stack and frame.f_back is not stack[-1]:
            wrong.append((frame.f_code.co_name, stack[-1].f_code.co_name))
        stack.append(frame)
    elif event == "return" and stack:
        if stack.pop() is not frame:
            wrong.append(("return", frame.f_code.co_name))


class Finalized:
    def __del__(self):
        helped(2)


class Watched:
    pass


def callback(reference):
    helped(1)


def helped(n):
    return inner(n) + 1


def inner(n):
    return [n] * 1000 and n


def work():
    references = []
    for i in range(3000):
        a, b = Finalized(), Watched()
        references.append(weakref.ref(b, callback))
        a = b = None
        helped(i)
        if i % 100 == 0:
            references.clear()


sys.setprofile(profiler)
work()
sys.setprofile(None)
print("wrong:", wrong[:3])
print(sorted(kinds - {"<module>"}))
