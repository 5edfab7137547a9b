# What machine code leaves to functions: slices, containers and texts made in loops, builtin iterators, large ints; errors in the middle of them.
import struct


class Loud:
    """Its methods run Python code, which no region may."""

    log = []

    def __init__(self, name):
        self.name = name

    def __hash__(self):
        Loud.log.append("hash " + self.name)
        return 1

    def __eq__(self, other):
        Loud.log.append("eq " + self.name)
        return isinstance(other, Loud) and self.name == other.name

    def __add__(self, other):
        Loud.log.append("add " + self.name)
        return self

    def __radd__(self, other):
        Loud.log.append("radd " + self.name)
        return self

    def __str__(self):
        Loud.log.append("str " + self.name)
        return self.name

    def __format__(self, spec):
        Loud.log.append("format " + self.name)
        return self.name + spec

    def __index__(self):
        Loud.log.append("index " + self.name)
        return 1

    def __iter__(self):
        Loud.log.append("iter " + self.name)
        return iter((1, 2))


def fannkuch(n):
    count = list(range(1, n + 1))
    flips, r = 0, n
    perm1 = list(range(n))
    insert, pop = perm1.insert, perm1.pop
    while 1:
        while r != 1:
            count[r - 1] = r
            r -= 1
        if perm1[0] != 0 and perm1[n - 1] != n - 1:
            perm = perm1[:]
            c = 0
            k = perm[0]
            while k:
                perm[: k + 1] = perm[k::-1]
                c += 1
                k = perm[0]
            flips = max(flips, c)
        while r != n:
            insert(r, pop(0))
            count[r] -= 1
            if count[r] > 0:
                break
            r += 1
        else:
            return flips, perm1


def slices(n):
    values, text, data, pair = list(range(9)), "abcdéfghi", b"abcdefghi", tuple(range(9))
    out = []
    for i in range(n):
        j = i % 11 - 3
        out.append((values[j:], values[:j], values[j : j + 2], text[j:], text[1:j], data[j:], data[:j], pair[j:], pair[::-1][:2]))
        values[j : j + 1] = [i, i]
        if len(values) > 15:
            del values[3:9]
        values[::2] = values[::-2] if len(values) % 2 else values[::2]
    return out[-3:], values


def slice_errors(n):
    values = list(range(9))
    done = 0
    try:
        for i in range(n):
            values[::2] = values[: 5 + (i == n - 2)]
            done += 1
    except ValueError as e:
        return done, str(e), e.__traceback__.tb_lineno - slice_errors.__code__.co_firstlineno
    return done


def builds(n):
    out = []
    for i in range(n):
        t = (i, i + 1)
        one = (i,)
        items = [i, t, one]
        both = [*items, *t, *"ab"]
        mapping = {"a": i, i: t}
        s = {i, i % 3, "x"}
        text = f"{i}:{i % 7:03d} {t[1]!r}" + "-" + str(i)
        out.append(len(both) + len(mapping) + len(s) + len(text))
        if i == n - 1:
            return out[-4:], both, mapping, sorted(map(str, s)), text


def loud_builds(n):
    Loud.log.clear()
    a, b = Loud("a"), Loud("b")
    out = []
    for i in range(n):
        x = a if i == n - 2 else i
        text = f"{x}|{x:>3}"
        total = x + 1
        total = 1 + x
        keys = {x: 1, "k": 2}
        out.append((text, len(keys), [*(x if i == n - 2 else (1, 2))], "abc"[x if i == n - 2 else 1]))
    return out[-3:], Loud.log


def iterate(n):
    data, text, d, s = b"hello", "wörld", {"a": 1, "b": 2, 3: 4}, {5}
    out = []
    for i in range(n):
        total = 0
        for c in data:
            total += c
        for c in text:
            total += ord(c)
        for k in d:
            if k == 3:
                continue
            total += d[k]
        for v in d.values():
            total += v
        for k, v in d.items():
            total += v
        for v in s:
            total += v
        for j, c in enumerate(text):
            if j == 3:
                break
            total += j
        for c, v in zip(text, data):
            total += v
        for j in range(i % 4):
            total += j
        out.append(total)
    return sum(out), out[-1]


def changed_dict(n):
    d = {i: i for i in range(n)}
    seen = 0
    try:
        for k in d:
            seen += 1
            if k == n - 5:
                d[-1] = 0
    except RuntimeError as e:
        return seen, str(e)


def changed_keys(n):
    out = []
    for make in (dict.fromkeys, set, lambda r: dict.fromkeys(r).items(), lambda r: enumerate(dict.fromkeys(r))):
        values = make(range(n))
        d = values if isinstance(values, (dict, set)) else {i: i for i in range(n)}
        seen = 0
        try:
            for k in values if isinstance(values, (dict, set)) else d.items() if seen == 0 else values:
                seen += 1
                if seen < 4 and isinstance(d, dict):
                    k = k[0] if isinstance(k, tuple) else k
                    del d[k]
                    d[k + n] = 1
                elif seen == n - 3 and isinstance(d, set):
                    d.add(-1)
        except RuntimeError as e:
            out.append(str(e))
        out.append(seen)
    return out


def large(n):
    x, y, total = 1, (1 << 47) - 1, 0
    hashed = 5381
    for i in range(n):
        x = x * 3 + i
        if x > 1 << 200:
            x >>= 190
        total += y + i
        total ^= x
        hashed = (hashed * 33 ^ i) & 0xFFFFFFFFFFFFFFFF
        y = -y
        if x & 1 == total & 1 and -x < ~total:
            total -= x // 7 + x % 5
    return x, total, hashed, y


def sets_and_dicts(n):
    s, d, order = set(), {}, []
    for i in range(n):
        k = i * 7 % 31
        s.add(k)
        s.discard(k - 3)
        d[k, i % 2] = i
        d.setdefault(k, []).append(i)
        order.append(d.get(k - 1, "none") == "none")
        if (k, 0) in d:
            del d[k, 0]
        if "a" + str(k) in "xa12":
            order.append(k)
    return len(s), len(d), sum(map(bool, order)), {k: len(v) for k, v in d.items() if isinstance(v, list)}


def loud_keys(n):
    Loud.log.clear()
    s, d = {1, Loud("s")}, {1: "one", Loud("d"): "loud"}
    out = []
    for i in range(n):
        k = Loud("d") if i == n - 2 else 1
        s.add(k)
        out.append((d.get(k), k in s, k in d))
    return out[-3:], Loud.log


def removing(n):
    d = {i: i for i in range(n)}
    left = []
    try:
        for i in range(n + 5):
            del d[i]
            left.append(len(d))
    except KeyError as e:
        return left[-1], str(e)


def joined(n):
    parts, text, data = [], "", b""
    for i in range(n):
        text += "ab"
        data += bytes((i & 127,)) + b"-"
        parts.append("%d-%s" % (i, text[-3:]))
        if i % 50 == 49:
            text = ",".join(parts)[:7].upper()
            data = b"".join([data[:3], b"x"])
            parts.clear()
    return text, data, parts[-2:]


def base85(data, chars, pairs):
    words = struct.Struct("!%dI" % (len(data) // 4)).unpack(data)
    return b"".join([b"z" if not w else (pairs[w // 614125] + pairs[w // 85 % 7225] + chars[w % 85]) for w in words])


def packed(n):
    pack = struct.Struct("!I").pack
    out = []
    append = out.append
    try:
        for i in range(n):
            append(pack(i << (i // 10)))
    except struct.error as e:
        return len(out), out[-1], str(e)


def pops(n):
    stack, queue, seen = [1], [], 0
    while stack:
        v = stack.pop()
        seen += v
        if seen < n:
            stack.append(v + 1)
            stack.insert(0, v)
            queue.extend((v, v))
            queue.extend(stack)
        if len(queue) > 20:
            queue.reverse()
            del queue[5:]
    try:
        while True:
            queue.pop()
    except IndexError as e:
        return seen, len(queue), str(e)


def loud_calls(n):
    Loud.log.clear()
    values, out = [], []
    for i in range(n):
        x = Loud("x") if i == n - 2 else i % 5
        values.insert(x, i)
        out.append((str(x), min(i, 3), list(x if i == n - 2 else (1, 2)), max(1, 2.5)))
    return values[:5], out[-3:], Loud.log


def conversions(n):
    out = []
    for i in range(n):
        f = i / 4
        out.append(int(f) + round(f) + abs(-i) + ord(chr(97 + i % 26)) + len(str(i)) + (float(i) == i) + bool(i))
    try:
        for i in range(n):
            out.append(int("9" * (i % 3 + 1) + ("x" if i == n - 1 else "")))
    except ValueError as e:
        return sum(out), str(e)


def generator(n):
    for i in range(n):
        t = (i, i * i)
        yield t[1] % 7, [t, t]


def nested(rows):
    return [[c * 2 for c in row if c != 3] for row in rows], {k: {c for c in row} for k, row in enumerate(rows)}


def main():
    print(fannkuch(6))
    print(slices(300))
    print(slice_errors(300))
    print(builds(300))
    print(loud_builds(300))
    print(iterate(300))
    print(changed_dict(300))
    print(changed_keys(300))
    print(large(3000))
    print(sets_and_dicts(500))
    print(loud_keys(300))
    print(removing(300))
    print(joined(300))
    chars = [bytes((i,)) for i in range(33, 118)]
    pairs = [a + b for a in chars for b in chars]
    print(base85(bytes(i * 7 & 255 for i in range(4000)), chars, pairs)[-20:])
    print(packed(1000))
    print(pops(300))
    print(loud_calls(300))
    print(conversions(300))
    print(sum(a * len(b) for a, b in generator(500)))
    print(nested([[1, 2, 3, i] for i in range(40)])[0][-1])


for _ in range(2):
    main()
