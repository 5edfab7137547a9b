# Texts and chains of exceptions nested many thousand times: see _deep_structures.py.
import _deep_structures as deep

deep.run(deep.texts, deep.exceptions)
