# Exceptions of native code that are caught without a name and end with their handler have no traceback; wherever one can be seen, it is whole.
import sys
import traceback


def lines(error):
    return [(entry.name, entry.line) for entry in traceback.extract_tb(error.__traceback__)]


def ignored(mapping, key):
    try:
        return mapping[key]
    except KeyError:
        pass
    return sys.exc_info()


def with_default(mapping, key, default):
    try:
        return mapping[key]
    except KeyError:
        return default


def of_two(o):
    try:
        return o.nothing
    except (AttributeError, KeyError):
        value = 3
    return value


def in_turn(o, key):
    try:
        return o[key]
    except KeyError:
        pass
    except TypeError as e:
        return lines(e)
    return "none"


def for_another(mapping, key):
    try:
        return mapping[key]
    except ValueError:
        pass


def for_none_of_many(mapping, key):
    try:
        return mapping[key]
    except ValueError:
        return 1
    except (TypeError, AttributeError):
        return 2


def unknown_class(mapping, key):
    try:
        return mapping[key]
    except NoSuchName:  # noqa: F821
        pass


def not_a_class(mapping, key):
    try:
        return mapping[key]
    except answer:
        pass


answer = ValueError


def looks(mapping, key):
    try:
        return mapping[key]
    except KeyError:
        e = sys.exc_info()[1]
    return lines(e), e.__traceback__.tb_frame.f_code.co_name, e.__traceback__.tb_frame.f_locals["key"]


def raises_in_handler(mapping, key):
    try:
        return mapping[key]
    except KeyError:
        raise ValueError(key)


def again(mapping, key):
    try:
        return mapping[key]
    except KeyError:
        raise


def with_finally(mapping, key):
    try:
        try:
            return mapping[key]
        except KeyError:
            pass
        finally:
            mapping = sys.exc_info()
    except ValueError:
        pass
    return mapping


def nested(mapping):
    try:
        mapping["a"]
    except KeyError:
        try:
            mapping["b"]
        except KeyError:
            pass
        return lines(sys.exc_info()[1]), sys.exc_info()[1].args


def items(mapping, keys):
    for key in keys:
        try:
            yield mapping[key]
        except KeyError:
            pass
        yield sys.exc_info()[1]


class Kept:
    """Keeps the exception that it raises."""

    def __init__(self):
        self.error = None

    def __getitem__(self, key):
        if self.error is None:
            try:
                {}[key]
            except KeyError as e:
                self.error = e
        raise self.error


def kept(o):
    try:
        return o[1]
    except KeyError:
        pass


def raised_with_traceback(error):
    try:
        raise error
    except KeyError:
        pass
    return lines(error)


def thrown_into(error):
    def body():
        try:
            yield 1
        except KeyError:
            pass
        yield 2

    g = body()
    next(g)
    g.throw(error)
    return lines(error)


def shown(f, *args):
    try:
        print(f.__name__, f(*args))
    except Exception as e:
        print(f.__name__, type(e).__name__, e, lines(e))
        while e.__context__ is not None:
            e = e.__context__
            print("  context", type(e).__name__, e, lines(e), [frame.f_code.co_name for frame, _ in traceback.walk_tb(e.__traceback__)])


def run():
    global answer
    shown(ignored, {}, 1)
    shown(with_default, {}, 1, 2)
    shown(of_two, 1)
    shown(in_turn, {}, 1)
    shown(in_turn, 5, 1)
    shown(for_another, {}, 1)
    shown(for_none_of_many, {}, 1)
    shown(unknown_class, {}, 1)
    answer = ValueError
    shown(not_a_class, {}, 1)
    answer = 42
    shown(not_a_class, {}, 1)
    answer = KeyError
    shown(not_a_class, {}, 1)
    del answer
    shown(not_a_class, {}, 1)
    shown(looks, {}, 1)
    shown(raises_in_handler, {}, 1)
    shown(again, {}, 1)
    shown(with_finally, {}, 1)
    shown(nested, {})
    print(list(items({1: 2}, [0, 1, 3])))
    o = Kept()
    for _ in range(2):
        kept(o)
        print([name for name, _ in lines(o.error)])
    print(raised_with_traceback(KeyError(1)), thrown_into(KeyError(2)))


for _ in range(4):
    run()


def many():
    found = 0
    for i in range(5000):
        found += with_default({}, i, 1)
        try:
            for_another({}, i)
        except KeyError as e:
            found += len(lines(e))
    return found


print(many())
try:
    print(with_default({}, [], 1))
except TypeError as e:
    print(lines(e))
