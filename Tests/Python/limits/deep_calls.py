# Calls and iterators nested many thousand times, and what the collector finds of such: see _deep_structures.py.
import _deep_structures as deep

deep.run(deep.calls, deep.iterators, deep.classes, deep.through_c, deep.collecting)
