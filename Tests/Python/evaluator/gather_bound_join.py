# A bound "".join that is kept as an attribute takes all items of a generator, as jinja2 calls it.
import sys


class Environment:
    concat = "".join
    dashed = "-".join
    raw = b"".join
    upper = str.upper


class Subclass(str):
    pass


def parts(n, fail=None):
    for i in range(n):
        if i == fail:
            raise KeyError(i)
        yield f"part {i};"


def outer(n):
    yield "<"
    yield from parts(n)
    yield ">"


class Template:
    def __init__(self):
        self.environment = Environment()

    def render(self, items):
        try:
            return self.environment.concat(items)
        except KeyError as error:
            return repr(error), error.__traceback__.tb_next.tb_frame.f_code.co_name
        except TypeError as error:
            return str(error)


t = Template()
for _ in range(3):
    print(t.render(parts(3)), t.render(outer(2)), t.render(["a", "b"]), t.render(parts(0)) == "", t.render(parts(3, 1)))
print(t.render(x for x in ["a", 3]), t.render(Subclass(c) for c in "abc"), t.render(Subclass(c) for c in "a"))


def dash(environment, items):
    return environment.dashed(items)


for environment in (t.environment, Environment(), t.environment):
    print(dash(environment, (c for c in "abc")), dash(environment, parts(2)))
    # Another callee at the same site
    environment.dashed = list
    print(dash(environment, (c for c in "abc")))
    environment.dashed = "+".join
    print(dash(environment, (c for c in "abc")))
    environment.dashed = environment.raw
    print(dash(environment, (c.encode() for c in "abc")))
    environment.dashed = Subclass("=").join
    print(dash(environment, (c for c in "abc")))
    del environment.dashed


def calls(environment):
    def generator():
        yield sys._getframe().f_back.f_code.co_name
        yield environment.concat(str(i) for i in range(3))

    return environment.concat(generator())


print([calls(t.environment) for _ in range(3)])
print(sum(len(t.render(parts(5))) for _ in range(100)))
