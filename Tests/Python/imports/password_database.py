# pwd: entries by number and name, what is missing, other types; and that a start without HOME does without libpython.
import os
import pwd
import subprocess
import sys

root = pwd.getpwuid(0)
print(root, root.pw_name, root[5], len(root), type(root))
print(pwd.getpwnam('root') == root, root in pwd.getpwall(), isinstance(root, tuple))
for argument in (2 ** 31 - 7, -2, 2 ** 40, 'x', None, 1.5):
    try:
        print(pwd.getpwuid(argument))
    except Exception as e:
        print(type(e).__name__, e)
for argument in ('nobody-of-that-name', 'a\0b', 5, b'root'):
    try:
        print(pwd.getpwnam(argument))
    except Exception as e:
        print(type(e).__name__, e)
print(os.path.expanduser('~root') == root.pw_dir)
out = subprocess.run([sys.executable, '-c', 'import os.path; print(os.path.expanduser("~"))'], env={}, capture_output=True, text=True).stdout.strip()
print(out == pwd.getpwuid(os.getuid()).pw_dir)
