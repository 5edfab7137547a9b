"""UTF-8 and UTF-16 both ways, whole, cut and damaged."""
import hashlib
import random

random.seed(3)
digest = hashlib.sha256()


def attempt(work, *args):
    try:
        return work(*args)
    except UnicodeError as error:
        return '%s: %s' % (type(error).__name__, error)


samples = ['', 'a', 'é', '世', '\U0001F600', '\ud800', 'a\udfffb', 'ascii only, and long enough for words', 'é' * 40, '世界' * 30, '\U0001F600x' * 20, '\x7f\x80\x81',
           '\u07ff\u0800\uffff\U00010000\U0010ffff', 'ab\ud83d\ude00cd', '\ufeffbom', 'ÿ', '\u0100']
for sample in samples:
    print(ascii(sample), [attempt(sample.encode, name) for name in ('utf-8', 'utf-16', 'utf-16-le', 'utf-16-be', 'utf-32', 'latin-1', 'ascii')])
    print([attempt(sample.encode, 'utf-8', errors) for errors in ('replace', 'ignore', 'surrogatepass', 'surrogateescape', 'backslashreplace', 'xmlcharrefreplace')])
    for name in ('utf-8', 'utf-16', 'utf-32'):
        data = sample.encode(name, 'surrogatepass')
        print(name, ascii(data.decode(name, 'surrogatepass')))
for _ in range(3000):
    text = ''.join(chr(random.choice((random.randrange(128), random.randrange(0x800), random.randrange(0xD800), random.randrange(0xE000, 0x110000)))) for _ in range(random.randrange(12)))
    data = text.encode()
    assert data.decode() == text
    damaged = bytearray(data)
    for _ in range(random.randrange(3)):
        if damaged:
            damaged[random.randrange(len(damaged))] = random.randrange(256)
    cut = bytes(damaged[:random.randrange(len(damaged) + 1)])
    for errors in ('strict', 'replace', 'ignore', 'surrogateescape', 'backslashreplace'):
        digest.update(ascii(attempt(cut.decode, 'utf-8', errors)).encode())
print(digest.hexdigest())
print([ascii(attempt(bytes(b).decode)) for b in ([0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xC3], [0xE4, 0xB8], [0xC3, 0xBF])])
