# The decoder makes dicts with room for what the last ones at the same depth had.
import json
d = json.JSONDecoder()
docs = []
for n in (0, 1, 5, 6, 22, 3, 90, 2, 200, 0, 7):
    docs.append({'k%d' % i: {'in%d' % j: [j, {'x': 1, 'y': None}] for j in range(i % 4)} for i in range(n)})
for again in range(3):
    for doc in docs:
        assert d.decode(json.dumps(doc)) == doc
    assert d.decode(json.dumps(docs)) == docs
deep = x = {}
for i in range(40):
    x['a%d' % i] = {}
    x['b'] = i
    x = x['a%d' % i]
print(d.decode(json.dumps(deep)) == deep, list(d.decode('{"z": 1, "a": 2, "z": 3}').items()))
for bad in ('{"a": {"b": {"c": 1', '{"a" 1}', '{"a": 1,}', '{,}', '{"a": {"b": }}'):
    try: d.decode(bad)
    except json.JSONDecodeError as e: print(e)
print(d.decode('{"a": {"b": {"c": {}}}}'), json.loads('[{"a": 1}, {"b": 2}]', object_pairs_hook=lambda p: p), json.loads('{"a": {"b": 2}}', object_hook=len))
r = d.decode(json.dumps(docs[4]))
r['more'] = 1
for i in range(100): r[i] = i
print(len(r))
