"""What is installed here: reads dpkg's status file, stores it in SQLite, reports, and writes gzipped JSON."""
import argparse
import collections
import email
import gzip
import hashlib
import json
import os
import re
import sqlite3
import sys
import tempfile
import textwrap

STATUS = "/var/lib/dpkg/status"


def packages(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        for block in re.split(r"\n\n+", f.read()):
            if block.strip():
                message = email.message_from_string(block)
                yield {
                    "name": message["Package"],
                    "section": (message["Section"] or "unknown").split("/")[-1],
                    "size": int(message["Installed-Size"] or 0),
                    "depends": [re.match(r"[^\s(:|]+", d.strip()).group() for d in (message["Depends"] or "").split(",") if d.strip()],
                    "summary": (message["Description"] or "").split("\n")[0],
                }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--status", default=STATUS)
    parser.add_argument("--top", type=int, default=5)
    args = parser.parse_args()
    if not os.path.exists(args.status):
        sys.exit(f"{args.status}: not a Debian system")
    found = list(packages(args.status))

    db = sqlite3.connect(":memory:")
    db.execute("create table package (name text primary key, section text, size integer, summary text)")
    db.executemany("insert into package values (:name, :section, :size, :summary)", found)
    count, total = db.execute("select count(*), sum(size) from package").fetchone()
    print(f"{count} packages, {total / 1024:.1f} MiB")
    print("\nLargest:")
    for name, size, summary in db.execute("select name, size, summary from package order by size desc, name limit ?", (args.top,)):
        print(textwrap.fill(f"{name} ({size} KiB): {summary}", 76, initial_indent="  ", subsequent_indent="      "))
    print("\nSections:")
    for section, n in db.execute("select section, count(*) n from package group by section order by n desc, section limit ?", (args.top,)):
        print(f"  {section:<16}{n:>5}")
    needed = collections.Counter(d for p in found for d in p["depends"])
    print("\nMost depended upon:")
    for name, n in sorted(needed.items(), key=lambda item: (-item[1], item[0]))[: args.top]:
        print(f"  {name:<16}{n:>5}")

    text = json.dumps(found, sort_keys=True, ensure_ascii=False).encode()
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "packages.json.gz")
        with gzip.GzipFile(target, "wb", compresslevel=9, mtime=0) as f:
            f.write(text)
        packed = os.path.getsize(target)
        with gzip.open(target, "rb") as f:
            back = f.read()
    same = hashlib.sha256(back).hexdigest() == hashlib.sha256(text).hexdigest()
    print(f"\nJSON: {len(text)} bytes, {packed} compressed, digest {hashlib.sha256(text).hexdigest()[:16]}, {'intact' if same else 'damaged'}")


if __name__ == "__main__":
    main()
