# Values of two dicts are compared left one first; a dict or list on the right that is of a subclass is the left one.
class Named:
    def __init__(self, name, answer):
        self.name = name
        self.answer = answer

    def __eq__(self, other):
        print(self.name, end=" ")
        return self.answer


class SubDict(dict):
    pass


class SubList(list):
    pass


no, yes = Named("no", None), Named("yes", True)
for left, right in ((no, yes), (yes, no)):
    print({1: left} == {1: right}, {1: left} != {1: right})
    print({1: left} == SubDict({1: right}), SubDict({1: left}) == {1: right})
    print([left] == SubList([right]), SubList([left]) == [right])
    print((1, left) in {1: right}.items())
