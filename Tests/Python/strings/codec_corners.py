# Errors of codecs are chained to one that names the codec; UTF-7 byte for byte; decoders whose handler replaces the input.
import codecs
class E1(RuntimeError): pass
class E2(RuntimeError): __slots__=()
class E3(RuntimeError):
    def __init__(self,*a): pass
class E4(RuntimeError):
    def __new__(cls,*a): return super().__new__(cls,*a)
class E5(RuntimeError): __slots__=('x',)
e6=RuntimeError('attr'); e6.attr=1
for o in [RuntimeError, RuntimeError('m'), E1('m'), E2('m'), E3('m'), E4('m'), E5('m'), e6, RuntimeError(1), RuntimeError('a','b'), ValueError('v'), KeyError('k'), OSError('o'), OSError(1,'o'), StopIteration('s'), SystemExit('x'), ImportError('i'), KeyboardInterrupt('k'), SyntaxError('s'), AttributeError('a'), NameError('n'), BaseException('b'), UnicodeError('u'), StopIteration(), MemoryError('m'), E1()]:
    def f(*a): raise o
    codecs.register(s := (lambda n: codecs.CodecInfo(f,f,name=n) if n=='xtest' else None))
    for g in (lambda: 'a'.encode('xtest'), lambda: codecs.decode(b'a','xtest')):
        try: g()
        except BaseException as e: print(type(e).__name__, e, repr(e.__cause__))
    codecs.unregister(s)
for c in range(128):
    for text in (chr(c), "a" + chr(c) + "b", "\xe9" + chr(c) + "\u20ac", chr(c) + "-", "\U0001f600" + chr(c)):
        data = text.encode("utf-7")
        print(c, data, data.decode("utf-7") == text)
decoder = codecs.getincrementaldecoder("utf-7")()
print([decoder.decode(bytes([b])) for b in "a+-b\x00c\x80d\u0100e\U00010000f".encode("utf-7")])


def replacing(exc):
    exc.object = b"x\\" + exc.object[exc.end:]
    return "\u0404", 1


codecs.register_error("test.replacing", replacing)
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for data in (br"\x0n\z", br"\x5n\501", br"\x0z"):
        print(codecs.unicode_escape_decode(data, "test.replacing"))
print([str(w.message) for w in caught])
