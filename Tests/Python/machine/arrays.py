# Hot loops over array.array and floats kept in lists; stores that do not fit; programs of the kind that spend their time there.
from array import array


def fill(kind, n):
    a = array(kind, [0]) * n
    for i in range(n):
        a[i] = i * 3
    s = 0
    for i in range(n):
        s += a[i]
    return s


def too_large(kind, n):
    a = array(kind, [0]) * 4
    x = 1
    try:
        for i in range(n):
            a[i & 3] = x
            x = x * 3 if i > n - 60 else x
    except (OverflowError, TypeError) as e:
        return x.bit_length() if isinstance(x, int) else x, str(e), a.tolist()
    return a.tolist()


def doubles(n):
    a = array("d", [0.5]) * n
    nan = float("nan")
    s = 0.0
    for i in range(1, n):
        a[i] = a[i - 1] * 0.999 + i
        if i == n - 10:
            a[i - 1] = nan
        x = a[i - 1]
        if x == x:
            s += x
    return s


def replaced(n):
    a = array("d", [1.0]) * 10
    s = 0
    for i in range(n):
        s += a[i % 10]
        if i == n // 2:
            a = array("i", [7]) * 10
        if i == n - 100:
            a = [2] * 10
    return s


def shrinks(n):
    a = array("l", range(n))
    s = 0
    try:
        for i in range(n):
            s += a[i]
            if i % 2:
                a.pop()
    except IndexError as e:
        return s, i, str(e)


def transform(data, n):
    dual = 1
    bit = 0
    while bit < n:
        for b in range(0, len(data) // 2, 2 * dual):
            i = 2 * b
            j = 2 * (b + dual)
            if j + 1 >= len(data):
                break
            r, m = data[j], data[j + 1]
            data[j] = data[i] - r
            data[j + 1] = data[i + 1] - m
            data[i] += r * 0.5
            data[i + 1] += m * 0.25
        dual *= 2
        bit += 1
    return data


def sparse(rounds):
    n = 200
    val = array("d", [0.25]) * n
    col = array("i", [(k * 7) % n for k in range(n)])
    row = array("i", range(0, n + 1, 4))
    x = array("d", [float(k) for k in range(n)])
    y = [0.0] * len(row)
    for _ in range(rounds):
        for r in range(len(row) - 1):
            total = 0.0
            for i in range(row[r], row[r + 1]):
                total += x[col[i]] * val[i]
            y[r] = total
    return sum(y)


def bodies(n):
    system = [([0.0, 0.5, 1.0], [0.1, 0.2, 0.3], 2.0), ([4.0, -1.0, 0.2], [0.0, 0.1, 0.2], 1.5), ([-3.0, 2.0, 1.1], [0.2, 0.0, 0.1], 0.7)]
    pairs = [(system[i], system[j]) for i in range(3) for j in range(i)]
    for i in range(n):
        for ([x1, y1, z1], v1, m1), ([x2, y2, z2], v2, m2) in pairs:
            dx = x1 - x2
            dy = y1 - y2
            dz = z1 - z2
            mag = 0.01 * ((dx * dx + dy * dy + dz * dz) ** -1.5)
            v1[0] -= dx * m2 * mag
            v1[1] -= dy * m2 * mag
            v1[2] -= dz * m2 * mag
            v2[0] += dx * m1 * mag
            v2[1] += dy * m1 * mag
            v2[2] += dz * m1 * mag
        for r, [vx, vy, vz], m in system:
            r[0] += 0.01 * vx
            r[1] += 0.01 * vy
            r[2] += 0.01 * vz
    return system


for kind in "bBhHiIlLqQfd":
    print(kind, fill(kind, 40), too_large(kind, 3000))
for kind in "iIlLqQfd":
    print(kind, fill(kind, 20000))
print(doubles(20000), replaced(20000), shrinks(20000))
print(sum(transform([k * 0.01 for k in range(4096)], 11)), sparse(200))
print(transform(array("d", [1.0]) * 64, 5).tolist() == transform([1.0] * 64, 5))
print(bodies(3000))
