# What posix leaves to libpython's own posix is there from the start and works.
import os
import posix
import sys

import types

print(sorted(n for n in dir(os) if n not in ("__cached__",)) == sorted(set(dir(os)) - {"__cached__"}))
for name in ["posix_spawn", "sched_getscheduler", "getxattr", "openpty", "wait4", "lockf", "eventfd", "memfd_create", "splice"]:
    f = getattr(os, name)
    print(name, isinstance(f, types.BuiltinFunctionType), f.__name__, f.__module__, f, bool(f.__doc__))
print(os.posix_spawn.__text_signature__)

pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 3"], os.environ)
print(os.waitid(os.P_PID, pid, os.WEXITED)[2:])
pid = os.fork()
if pid == 0:
    os._exit(4)
pid2, status, usage = os.wait4(pid, 0)
print(pid2 == pid, os.waitstatus_to_exitcode(status), type(usage).__name__, isinstance(usage, tuple), usage.ru_maxrss > 0)
r, w = os.pipe()
print(os.writev(w, [b"ab", bytearray(b"cd")]))
buffers = [bytearray(1), bytearray(3)]
print(os.readv(r, buffers), buffers)
print(os.major(0x12345), os.minor(0x12345), os.makedev(1, 2), os.makedev(0x12345, 0x54321) == os.makedev(0x12345, 0x54321))
print(os.confstr("CS_PATH"), os.pathconf("/", "PC_NAME_MAX"), len(os.sysconf_names), len(os.confstr_names), len(os.pathconf_names))
fd = os.memfd_create("x")
os.posix_fallocate(fd, 0, 10)
print(os.fstat(fd).st_size, os.lockf(fd, os.F_LOCK, 0), os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_NORMAL))
print(os.getresuid() == (os.getuid(), os.geteuid(), os.geteuid()), os.getpriority(os.PRIO_PROCESS, 0))
print(os.sched_getscheduler(0), os.sched_getparam(0), os.sched_param(3), os.sched_param.__mro__)
a, b = os.openpty()
print(os.isatty(a), os.isatty(b), os.ttyname(b)[:9])
pid, fd = os.forkpty()
if pid == 0:
    os._exit(5 if os.isatty(0) else 6)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
for bad in [lambda: os.posix_spawn(), lambda: os.sched_setparam(0, 1), lambda: os.getxattr("/no/such", "user.x"), lambda: os.sched_param()]:
    try:
        bad()
    except (TypeError, OSError) as e:
        print(type(e).__name__, e)
for p in ["", "/", "//", "///", "a/./b/../c", "../..", "/../x", "//x/..", "a//b/", "./a", "a/..", "..a/.b", "x\0y/..", "é/ü/../ß"]:
    print(repr(os.path.normpath(p)), repr(posix._path_normpath(p)))
try:
    posix._path_normpath(3)
except TypeError as e:
    print(e)
print(sorted(sys._current_exceptions().values(), key=repr))
for argv, env in [((), None), ([""], None), ("x", None), (["a"], {"a=b": "1"}), ([], {}), (["a"], {"=C": "1"})]:
    try:
        os.execv("/no/such/program", argv) if env is None else os.execve("/no/such/program", argv, env)
    except (TypeError, ValueError, OSError) as e:
        print(type(e).__name__, e)
pid = os.fork()
if pid == 0:
    os.execve(os.open("/bin/true", os.O_RDONLY), ["true"], {})
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
