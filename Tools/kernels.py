#!/usr/bin/env python3
"""Small kernels, one for each mechanism of the evaluator, measured inside one process.

  kernels.py [--interp PATH] [--oracle /usr/bin/python3] [--rounds 5] [--only NAME,...]   compare two interpreters
  INTERPRETER kernels.py --run NAME,... ROUNDS                                            one interpreter: name, best CPU time

The two interpreters take turns; the figure is the least CPU time of the rounds.
"""
import sys
import time


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def k_fib():
    return fib(21)


def k_while_int():
    i = total = 0
    while i < 200_000:
        total += i & 7
        i += 1
    return total


def k_nested_loops():
    total = 0
    for i in range(400):
        for j in range(400):
            total += i ^ j
    return total


def k_floats():
    x, y = 0.5, 0.25
    for _ in range(100_000):
        x = x * y + 0.5 - x / 3.0
        y = 1.0 - x * 0.5
    return round(x, 6)


def k_compare_floats():
    n = 0
    x = 0.0
    while x < 100_000.0:
        if x > 50_000.0:
            n += 1
        x += 1.0
    return n


def k_closure():
    count = 0

    def add(n):
        nonlocal count
        count += n

    for i in range(100_000):
        add(i)
    return count


def k_generator():
    def numbers(n):
        for i in range(n):
            yield i

    total = 0
    for x in numbers(100_000):
        total += x
    return total


def k_genexpr_sum():
    return sum(x * 2 for x in range(100_000))


def k_yield_from():
    def inner(n):
        for i in range(n):
            yield i

    def outer(n):
        yield from inner(n)

    total = 0
    for x in outer(60_000):
        total += x
    return total


def k_try_loop():
    total = 0
    for i in range(150_000):
        try:
            total += i
        except ValueError:
            total = 0
    return total


def k_raise_catch():
    n = 0
    for i in range(30_000):
        try:
            raise ValueError(i)
        except ValueError:
            n += 1
    return n


def k_raise_through():
    def inner(i):
        raise KeyError(i)

    def middle(i):
        inner(i)

    n = 0
    for i in range(15_000):
        try:
            middle(i)
        except KeyError as e:
            n += e.args[0]
    return n


def k_builtin_raises():
    d = {}
    n = 0
    for i in range(30_000):
        try:
            d[i]
        except KeyError:
            n += 1
    return n


def k_with():
    class Manager:
        def __enter__(self):
            return self

        def __exit__(self, *args):
            return False

    n = 0
    manager = Manager()
    for i in range(30_000):
        with manager:
            n += i
    return n


def k_kwargs_call():
    def f(a, b=2, *, c=3):
        return a + b + c

    total = 0
    for i in range(50_000):
        total += f(i, c=1)
        total += f(a=i, b=4, c=5)
    return total


def k_defaults_call():
    def f(a, b=2, c=3):
        return a + b + c

    total = 0
    for i in range(80_000):
        total += f(i)
    return total


def k_star_call():
    def f(*args, **kwargs):
        return len(args) + len(kwargs)

    total = 0
    args = (1, 2, 3)
    kwargs = {"x": 1, "y": 2}
    for i in range(30_000):
        total += f(*args, **kwargs)
        total += f(i, i, z=i)
    return total


def k_forward_call():
    def g(a, b):
        return a - b

    def f(*args, **kwargs):
        return g(*args, **kwargs)

    total = 0
    for i in range(40_000):
        total += f(i, 1)
    return total


def k_list_comp():
    total = 0
    for _ in range(100):
        total += len([x * 2 for x in range(1000)])
    return total


def k_list_comp_if():
    items = list(range(1000))
    total = 0
    for _ in range(100):
        total += len([x for x in items if x % 3 == 0])
    return total


def k_dict_comp():
    total = 0
    for _ in range(60):
        total += len({x: x * 2 for x in range(1000)})
    return total


def k_dict_get_set():
    d = {}
    for i in range(60_000):
        key = i & 1023
        d[key] = d.get(key, 0) + 1
    return sum(d.values())


def k_dict_str_keys():
    d = {"alpha": 1, "beta": 2, "gamma": 3}
    total = 0
    for i in range(60_000):
        total += d["alpha"] + d["gamma"]
        d["beta"] = i
    return total + d["beta"]


def k_dict_items():
    d = {i: i * 2 for i in range(1000)}
    total = 0
    for _ in range(60):
        for key, value in d.items():
            total += key + value
    return total


def k_dict_iter():
    d = {i: i * 2 for i in range(1000)}
    total = 0
    for _ in range(100):
        for key in d:
            total += key
    return total


def k_enumerate():
    items = list(range(1000))
    total = 0
    for _ in range(60):
        for i, x in enumerate(items):
            total += i * x
    return total


def k_zip():
    a = list(range(1000))
    b = list(range(1000))
    total = 0
    for _ in range(60):
        for x, y in zip(a, b):
            total += x * y
    return total


def k_tuple_unpack():
    pairs = [(i, i + 1) for i in range(1000)]
    total = 0
    for _ in range(80):
        for a, b in pairs:
            total += a - b
    return total


def k_tuple_build():
    a, b = 1, 2
    for _ in range(100_000):
        a, b = b, a
        t = (a, b, 3)
    return t


def k_list_index():
    items = list(range(1000))
    total = 0
    for _ in range(60):
        for i in range(1000):
            items[i] = items[i] + 1
    for x in items:
        total += x
    return total


def k_list_append():
    total = 0
    for _ in range(60):
        items = []
        for i in range(1000):
            items.append(i)
        total += len(items)
    return total


def k_list_pop():
    total = 0
    for _ in range(40):
        items = list(range(1000))
        while items:
            total += items.pop()
    return total


def k_list_methods():
    stack = []
    push = stack.append
    pop = stack.pop
    total = 0
    for i in range(60_000):
        push(i)
        total += pop()
    return total


def k_slices():
    items = list(range(50))
    total = 0
    for i in range(50_000):
        total += len(items[5:20])
    return total


def k_str_concat():
    s = ""
    for i in range(60_000):
        s += "x"
    return len(s)


def k_str_concat_attr():
    class Box:
        pass

    box = Box()
    box.text = ""
    for i in range(20_000):
        box.text += "xy"
    return len(box.text)


def k_str_index():
    s = "abcdefghij" * 10
    n = 0
    for _ in range(600):
        for i in range(100):
            if s[i] == "e":
                n += 1
    return n


def k_str_iter():
    s = "abcdefghij" * 100
    n = 0
    for _ in range(80):
        for c in s:
            if c == "e":
                n += 1
    return n


def k_str_in():
    n = 0
    for i in range(100_000):
        if "a" in "xyzabc":
            n += 1
    return n


def k_fstring():
    n = 0
    for i in range(30_000):
        n += len(f"{i}: {i + 1}")
    return n


def k_str_methods():
    n = 0
    for i in range(40_000):
        if "hello world".startswith("hello"):
            n += len("a,b".split(","))
    return n


def k_isinstance():
    n = 0
    for i in range(100_000):
        if isinstance(i, int):
            n += 1
    return n


def k_isinstance_class():
    class A:
        pass

    class B(A):
        pass

    b = B()
    n = 0
    for i in range(100_000):
        if isinstance(b, A):
            n += 1
    return n


def k_len():
    items = [1, 2, 3]
    n = 0
    for i in range(150_000):
        n += len(items)
    return n


def k_builtins():
    n = 0
    for i in range(40_000):
        n += abs(-i) + min(i, 5) + max(i, 3)
        n += ord("a")
    return n


def k_type_calls():
    n = 0
    for i in range(50_000):
        n += int(1.5) + len(str(i))
        if type(i) is int:
            n += 1
    return n


class Node:
    def __init__(self, value, child):
        self.value = value
        self.child = child


def k_attr_chain():
    a = Node(1, Node(2, Node(3, None)))
    total = 0
    for i in range(100_000):
        total += a.child.child.value
    return total


def k_attr_store():
    a = Node(1, None)
    for i in range(100_000):
        a.value = a.value + 1
    return a.value


def k_instantiate():
    for i in range(50_000):
        a = Node(i, None)
    return a.value


def k_instantiate_plain():
    class A:
        pass

    for i in range(80_000):
        a = A()
    return type(a).__name__


class Base:
    def __init__(self, x):
        self.x = x


class Derived(Base):
    def __init__(self, x, y):
        super().__init__(x)
        self.y = y


def k_super_init():
    for i in range(30_000):
        d = Derived(i, i)
    return d.x


class Methods:
    def __init__(self):
        self.value = 0

    def add(self, n):
        self.value += n
        return self

    @property
    def double(self):
        return self.value * 2

    @staticmethod
    def static(n):
        return n + 1

    @classmethod
    def cls_method(cls, n):
        return n + 2

    def __eq__(self, other):
        return True

    def __add__(self, other):
        return self.value + other

    def __getitem__(self, i):
        return i

    def __len__(self):
        return 3

    def __call__(self, i):
        return i

    def __contains__(self, i):
        return True


def k_method():
    m = Methods()
    for i in range(100_000):
        m.add(i)
    return m.value


def k_bound_method():
    m = Methods()
    add = m.add
    for i in range(100_000):
        add(i)
    return m.value


def k_property():
    m = Methods()
    total = 0
    for i in range(80_000):
        total += m.double
    return total


def k_static_class_methods():
    m = Methods()
    total = 0
    for i in range(40_000):
        total += m.static(i) + m.cls_method(i) + Methods.static(i)
    return total


def k_operators_overloaded():
    m = Methods()
    total = 0
    for i in range(25_000):
        total += m + i
        total += m[i]
        total += len(m)
        if m == i:
            total += m(i)
        if i in m:
            total += 1
    return total


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = 1
        self.b = 2


def k_slots():
    s = Slotted()
    total = 0
    for i in range(100_000):
        s.a = i
        total += s.a + s.b
    return total


GLOBAL = 3


def k_globals():
    global GLOBAL
    total = 0
    for i in range(100_000):
        total += GLOBAL
    GLOBAL = 3
    return total


class Iterator:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


def k_python_iterator():
    total = 0
    for x in Iterator(60_000):
        total += x
    return total


def k_lambda_map():
    return sum(map(lambda x: x + 1, range(60_000)))


def k_sorted_key():
    items = [(i * 7919) % 1009 for i in range(1009)]
    n = 0
    for _ in range(20):
        n += sorted(items, key=lambda x: -x)[0]
    return n


def k_async():
    async def inner(i):
        return i

    async def outer(n):
        total = 0
        for i in range(n):
            total += await inner(i)
        return total

    try:
        outer(40_000).send(None)
    except StopIteration as e:
        return e.value


def k_set_ops():
    s = set()
    for i in range(60_000):
        s.add(i & 255)
        if i in s:
            pass
    return len(s)


def k_big_ints():
    a = 1
    for i in range(1, 600):
        a = a * i
    total = 0
    x = 1 << 70
    for i in range(30_000):
        total += x + i
    return (a % 1000003, total)


def k_int_hash_mix():
    h = 0
    for i in range(60_000):
        h = (h * 31 + i) & 0xFFFFFFFF
        h ^= h >> 7
    return h


def k_match():
    n = 0
    for i in range(60_000):
        match i & 3:
            case 0:
                n += 1
            case 1:
                n += 2
            case _:
                n += 3
    return n


def k_chained_compare():
    n = 0
    for i in range(80_000):
        if 10 < i < 70_000:
            n += 1
    return n


def k_bool_ops():
    n = 0
    a = []
    for i in range(100_000):
        if not a and (i or n):
            n += 1
    return n


def k_divmod():
    n = 0
    for i in range(1, 60_000):
        q, r = divmod(i, 7)
        n += q + r + i // 3 + i % 5
    return n


def k_power():
    n = 0.0
    for i in range(60_000):
        n += i ** 2 + 1.5 ** 2
    return n


def k_global_call():
    n = 0
    for i in range(100_000):
        n = helper(n, i)
    return n


def helper(a, b):
    return a + b


KERNELS = {name[2:]: f for name, f in list(globals().items()) if name.startswith("k_")}


def run(names, rounds):
    clock = time.process_time
    for name in names:
        f = KERNELS[name]
        best = 1e9
        result = None
        for _ in range(rounds):
            start = clock()
            result = f()
            best = min(best, clock() - start)
        print(name, best, repr(result).replace(" ", "")[:60])
        sys.stdout.flush()


def compare(options):
    import math
    import subprocess

    names = options.only.split(",") if options.only else list(KERNELS)
    ratios = []
    times = {}
    results = {}
    for turn in range(options.turns):
        for interp in (options.oracle, options.interp):
            command = [interp, __file__, "--run", ",".join(names), str(options.rounds)]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=900)
            if done.returncode:
                print(interp, "failed:", done.stderr[-400:])
            for line in done.stdout.splitlines():
                name, seconds, result = line.split(" ", 2)
                key = (name, interp)
                times[key] = min(times.get(key, 1e9), float(seconds))
                results[key] = result
    rows = []
    for name in names:
        a, b = times.get((name, options.oracle)), times.get((name, options.interp))
        if a is None or b is None:
            rows.append((99, f"{name:24} failed"))
            continue
        same = results[name, options.oracle] == results[name, options.interp]
        ratios.append(b / a)
        rows.append((b / a, f"{name:24} {a * 1e3:9.2f} {b * 1e3:9.2f}  {b / a:6.2f}{'' if same else '  RESULTS DIFFER'}"))
    print(f"{'kernel':24} {'CPython':>9} {'Amphis':>9}   ratio   (ms of CPU time)")
    for _, text in sorted(rows):
        print(text)
    if ratios:
        print(f"geometric mean of {len(ratios)}: {math.exp(sum(map(math.log, ratios)) / len(ratios)):.3f}")


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--run":
        run(sys.argv[2].split(","), int(sys.argv[3]))
        return
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--oracle", default="/usr/bin/python3")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--only")
    compare(parser.parse_args())


if __name__ == "__main__":
    main()
