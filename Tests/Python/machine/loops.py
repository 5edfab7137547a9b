# Hot loops over lists, tuples and ranges; containers that change meanwhile; break, continue, else; nested loops; unpacking.


def items(values):
    s = 0
    for v in values:
        s += v
    return s


def growing(n):
    values = [1]
    s = 0
    for v in values:
        s += v
        if len(values) < n:
            values.append(v + 1)
    return s, len(values)


def shrinking(n):
    values = list(range(n))
    s = 0
    for v in values:
        s += v
        if v % 3 == 0:
            del values[-1]
    return s, len(values)


def out_of_range(n):
    values = [0] * n
    i = 0
    try:
        while True:
            values[i] = i
            i += 1
    except IndexError as e:
        line = e.__traceback__.tb_lineno - out_of_range.__code__.co_firstlineno
        return i, str(e), line, sum(values)


def from_the_end(n):
    values = list(range(n))
    s = 0
    for i in range(1, n):
        s += values[-i] * i
        values[-i] = s & 1023
    return s, sum(values)


def search(rows, wanted):
    steps = 0
    for row in rows:
        for v in row:
            steps += 1
            if v == wanted:
                break
            if v & 1:
                continue
            steps += 2
        else:
            continue
        break
    else:
        return steps, None
    return steps, row[0]


def nested(n):
    s = 0
    for i in range(n):
        for j in range(5):
            for k in (1, 2, 3):
                s += i * j - k
    return s


def triangle(n):
    table = [[0] * (n + 1) for _ in range(n + 1)]
    for i in range(n):
        row = table[i]
        row[0] = 1
        for j in range(1, i + 1):
            above = table[i - 1]
            row[j] = (above[j - 1] + above[j]) % 1000007
    return sum(map(sum, table))


def unpacked(pairs, n):
    s = 0
    t = 0.0
    for _ in range(n):
        for (a, b), [c, d, e] in pairs:
            s += a * b
            t = t + c * d - e
            c, d = d, c
            t += c
    return s, t


def wrong_count(pairs):
    s = 0
    try:
        for a, b in pairs:
            s += a * b
    except ValueError as e:
        return s, str(e)


def changing(values):
    s = 0
    kinds = []
    for v in values:
        try:
            s = s + v
        except TypeError as e:
            kinds.append(str(e))
    return s, kinds


def generator(n):
    s = 0
    for i in range(n):
        s += i
        if i % 500 == 0:
            yield s
        for k in (1, 2):
            s -= k


def swapped(n):
    a, b = 0, 1
    for i in range(n):
        a, b = b, (a + b) & 0xFFFFFFF
    return a, b


def tail(n):
    # The loop variables are those of the last round.
    for i in range(n):
        x = i * 2
        y = x + 0.5
    return i, x, y, sorted(locals())


def big_range(n):
    s = 0
    for i in range((1 << 47) - n, (1 << 47) + n, 2):
        s ^= i
    return s


def pairs_of(values, n):
    s = 0
    for _ in range(n):
        for i, v in enumerate(values):
            s += i * v
        for a, b in zip(values, values[1:]):
            s -= a * b
        for k, v in {1: 2, 3: 4.5, "x": 6}.items():
            s += v
    return s


def enumerated(n):
    s = 0
    for i, c in enumerate("abc" * n):
        if c == "b":
            s += i
        if c in "ca":
            s -= 1
    for i, x in enumerate((k for k in range(n)), 5):
        s += i * x
    return s, i, x


def collected(n):
    out = []
    for i in range(n):
        out.append(i * 2)
        if i == n - 2:
            out = tuple(out)
            break
    squares = [i * i for i in out]
    odd = [i for i in squares if i & 1 == 0 and i not in (4, 16)]
    return len(out), squares[-1], len(odd), sum(odd)


def counted(words, n):
    found = {}
    for i in range(n):
        w = words[i % len(words)]
        if w in found:
            found[w] += 1
        else:
            found[w] = 1
        if w != "b" and w not in ("c", "d"):
            found["other"] = i
        if i == n - 1:
            found[words] = ~i
    return found


def changes_size(n):
    d = {i: i for i in range(n)}
    s = 0
    try:
        for k, v in d.items():
            s += k - v
            if k == n - 3:
                d[-1] = 0
    except RuntimeError as e:
        return s, str(e)


for n in (3, 4000, 60000):
    print(pairs_of([1, 2.5, 3], n // 10), enumerated(n), collected(n), counted(("a", "b", "c", "dd"), n), changes_size(n))
    print(items(list(range(n))), items(tuple(range(n))), items(range(n)))
    print(growing(n), shrinking(n), out_of_range(n), from_the_end(n))
    print(nested(n // 3), swapped(n), tail(n), big_range(n // 3))
    print(list(generator(n))[-3:])
print(triangle(150))
print(search([[2, 4, 6, 1, 3]] * 2000 + [[8, 9, 77]], 77), search([[1, 2, 3]] * 3000, 9))
print(unpacked([((1, 2), [0.5, 1.5, 2]), ((3, 4), [2.5, 3.0, 1.0])], 3000))
print(unpacked([((1, 2.5), [1, 2, 3]), [(True, 4), (2.5, 3, 1.0)]], 3000))
print(wrong_count([(1, 2)] * 5000 + [(1, 2, 3)]), wrong_count([(1, 2)] * 5000 + [[1]]))
print(changing([1] * 3000 + [1.5] * 3000 + [None, "x"] + [2] * 3000 + [1 << 60] + [True] * 3000))
print(items([1 << 46] * 5000), items([0.1] * 5000), items([True] * 5000))
