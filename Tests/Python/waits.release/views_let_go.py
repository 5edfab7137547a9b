# Views of a C object's memory that nobody has any more do not keep it from closing.
import mmap


def first(m, n):
    view = memoryview(m)
    try:
        return bytes(view[:n])
    finally:
        view.release()


def main():
    m = mmap.mmap(-1, 100)
    m[:5] = b"abcde"
    print(first(m, 5), first(m, 3))
    m.close()
    print(m.closed)
    m = mmap.mmap(-1, 100)
    kept = memoryview(m)
    try:
        m.close()
    except BufferError as e:
        print(e)
    kept.release()
    m.close()
    print(m.closed)


main()
