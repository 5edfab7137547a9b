# A comprehension over zip() in a generator, whose calls copy their arguments, has the iterator freed once.
def f(query, installed):
    def inner(): return installed
    names = [q.lower() for q in query]
    missing = sorted([name for name, pkg in zip(map(str, query), names) if pkg not in installed])
    yield missing
print(list(f(["a", "b"], {"a"})))
def g(rows):
    top = "x"
    def inner(): return top
    for row in rows:
        yield [a + b + top for a, b in zip(row, reversed(row))], [a for a, in zip(row)], {a: b for a, b in zip(row, row) if a != top}
for _ in range(300):
    last = list(g([["a", "b"], ["c", "x"], []]))
print(last)
async def h(rows):
    k = 3
    async def inner(): return k
    return [a * b * k for a, b in zip(rows, rows)], {a for a, in zip(rows) if a < k}
def run(c):
    try: c.send(None)
    except StopIteration as e: return e.value
for _ in range(300): r = run(h([1, 2, 3]))
print(r)
