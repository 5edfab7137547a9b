# _tokenize: the compiler's own tokens, and their errors.
import _tokenize
import tokenize
import io

for source in ("a = 1 +\n 'x'\n", "def f():\n\tif x:\n\t\tpass\n\n# c\nasync def g(): await é\n", "f'''a\nb''' '''c\nd'''\n(1,\n 2)", "", "\n\n", "x\\\n+1",
               "a ? b", "'abc", "'''abc", "(]", "if x:\n  a\n b\n", "1_000 0x_f 1e5j", "a := b -> c ... != <> **= //="):
    try:
        for token in _tokenize.TokenizerIter(source):
            print(token)
    except SyntaxError as e:
        print(type(e).__name__, e.args)
it = iter(_tokenize.TokenizerIter("a b"))
print(it is iter(it), len(list(it)), list(it))
for bad in (5, b"a"):
    try:
        _tokenize.TokenizerIter(bad)
    except TypeError as e:
        print(e)
for t in tokenize.generate_tokens(io.StringIO("def f(x):\n    return x[1:2] # c\n").readline):
    print(t)
