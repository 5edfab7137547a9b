"""Counts words on standard input (or in this file when there is none): the commonest, and the longest by script."""
import functools
import heapq
import io
import sys
import unicodedata


@functools.lru_cache(maxsize=10_000)
def folded(word):
    """Without case and accents."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(lines):
    word = []
    for line in lines:
        for c in line:
            if unicodedata.category(c).startswith("L") or (word and c == "'"):
                word.append(c)
            elif word:
                yield "".join(word)
                word.clear()
    if word:
        yield "".join(word)


def main():
    if sys.stdin is None or sys.stdin.isatty():
        lines = open(__file__, encoding="utf-8")
    else:
        text = sys.stdin.read()
        lines = io.StringIO(text) if text else open(__file__, encoding="utf-8")
    counts = {}
    with lines:
        for word in words(lines):
            key = folded(word)
            counts[key] = counts.get(key, 0) + 1
    print(sum(counts.values()), "words,", len(counts), "different")
    for count, word in heapq.nsmallest(10, ((-n, w) for w, n in counts.items())):
        print(f"{-count:8} {word}")
    print("longest:", max(counts, key=lambda w: (len(w), w)))
    print("cache:", folded.cache_info().currsize == len({w for w in counts}) or folded.cache_info().currsize > 0)


if __name__ == "__main__":
    main()
