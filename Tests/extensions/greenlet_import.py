# greenlet cannot work here (docs/extensions.md): the import says so.
try:
    import greenlet
except ImportError as e:
    print("ImportError", e)
else:
    print(greenlet.greenlet(lambda x: x + 1).switch(1))
