# A tuple that a generator makes for a builtin which keeps nothing of it is freed when the builtin returns: the next one has its memory.
ids = list(map(id, ((i, i) for i in range(10))))
print(max(ids) - min(ids))
ids = list(map(id, [(i, i) for i in range(10)]))
print(len(set(ids)))
