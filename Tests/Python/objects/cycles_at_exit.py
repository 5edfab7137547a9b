# A module that something outside of Python keeps alive is emptied at the end of the process. What reference counting frees by that is finalized
# then, what is in a cycle after sys and builtins are empty, too: nobody hears of its errors.
import __main__, codecs, os, sys


def search(name):
    return None


codecs.register(search)
me = __main__


class Plain:
    def __init__(self, name):
        self.name = name

    def __del__(self, write=os.write, sys=sys):
        write(1, f"{self.name}: {'with' if sys.__dict__.get('stderr') else 'without'} stderr, Plain is {'there' if Plain else 'gone'}\n".encode())
        if self.name == "in a cycle":
            search.nothing


class Node(Plain):
    def __init__(self, name):
        self.name, self.me = name, self


a_cycle = Node("in a cycle")
held = Node("also")
held.other = Plain("held by a cycle")
z_plain = Plain("plain")
sys.stdout.flush()
