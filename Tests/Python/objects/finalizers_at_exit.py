# Objects that live until the end are finalized while the modules go down.
import sys


class Last:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("finalized", self.name, len(self.name), sys.is_finalizing())


kept = Last("kept")
_early = Last("early")
print("end of the program")
