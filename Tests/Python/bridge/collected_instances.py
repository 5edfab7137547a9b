# amphis: --cpython=_socket
"""Instances of our classes that derive from C classes go with gc.collect(), whatever has been done with them."""
import _socket
import ctypes
import decimal
import gc
import os
import sqlite3
import warnings

warnings.simplefilter("ignore")


class Socket(_socket.socket):
    pass


class Quiet(_socket.socket):
    def __init__(self):
        super().__init__()


class Number(decimal.Decimal):
    pass


class Record(ctypes.Structure):
    _fields_ = [("a", ctypes.c_int)]


class Base(sqlite3.Connection):
    def __init__(self):
        super().__init__(":memory:")


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def make(cls):
    a = cls()
    b = [cls()]
    b.append(b)


for cls in Socket, Quiet, Number, Record, Base:
    before = descriptors()
    for i in range(5):
        for j in range(20):
            make(cls)
        gc.collect()
    print(cls.__name__, descriptors() - before)

# A file object of a socket, dropped after the socket.
import socket


def dropped_later(kind):
    sock = socket.socket()
    number = sock.fileno()
    holder = [sock] if kind == "list" else sock.makefile("rb", buffering=0 if kind == "raw" else -1)
    sock = None
    gc.collect()
    before = is_open(number)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        holder = None
        gc.collect()
    print(kind, before, is_open(number), [w.category.__name__ for w in caught])


for kind in "list", "raw", "buffered":
    dropped_later(kind)
