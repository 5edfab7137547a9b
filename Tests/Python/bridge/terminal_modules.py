# _curses, _curses_panel, readline and termios in a terminal of their own; _dbm, _crypt, syslog, resource, _posixshmem as programs use them.
import os, pty, subprocess, sys, tempfile

CURSES = """
import curses, curses.panel, curses.ascii, curses.textpad
def main(screen):
    curses.curs_set(0)
    screen.addstr(1, 2, 'h\\u00e9llo', curses.A_BOLD)
    screen.addch(2, 2, ord('x'))
    w = curses.newwin(5, 20, 3, 4)
    w.box()
    w.addstr(1, 1, 'inner')
    p = curses.panel.new_panel(w)
    q = curses.panel.new_panel(curses.newwin(2, 2, 0, 0))
    p.top(), p.set_userptr({'any': [1]})
    facts = [screen.getmaxyx(), w.getbegyx(), w.instr(1, 1, 5), screen.inch(2, 2) & 0xff, p.userptr(), q.above() is p, p.window() is w, curses.panel.top_panel() is p]
    try:
        screen.addstr(500, 500, 'x')
    except curses.error as e:
        facts.append(str(e))
    curses.panel.update_panels(), curses.doupdate()
    curses.ungetch('k')
    facts += [screen.getkey(), curses.has_colors(), curses.COLORS, curses.tigetnum('cols'), curses.keyname(3), curses.longname() != b'']
    return facts
print('FACTS', curses.wrapper(main))
"""
READLINE = """
import readline, rlcompleter
seen = []
readline.parse_and_bind('tab: complete')
readline.set_completer(lambda text, state: [text + 'pleted', None][state])
readline.set_pre_input_hook(lambda: seen.append('hook'))
readline.add_history('first')
line = input('ask> ')
readline.add_history(line)
print('FACTS', repr(line), seen, readline.get_current_history_length(), readline.get_history_item(1), readline.get_completer()('a', 0))
"""


def in_terminal(program, text=b""):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", COLUMNS="80", LINES="24")
        os.execv(sys.executable, [sys.executable, "-c", program])
    if text:
        data = b""
        while b"ask> " not in data:
            data += os.read(fd, 1000)
        os.write(fd, text)
    data = b""
    while True:
        try:
            piece = os.read(fd, 10000)
        except OSError:
            break
        if not piece:
            break
        data += piece
    status = os.waitpid(pid, 0)[1]
    os.close(fd)
    lines = data.decode("utf-8", "replace").replace("\r", "").splitlines()
    return status, [l[l.index("FACTS") :] for l in lines if "FACTS" in l] or lines[-3:]


print(in_terminal(CURSES))
print(in_terminal(READLINE, b"com\t more\n"))

master, slave = pty.openpty()
import fcntl, struct, termios, tty

old = termios.tcgetattr(slave)
tty.setraw(slave)
new = termios.tcgetattr(slave)
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 44, 0, 0))
termios.tcsetattr(slave, termios.TCSANOW, old)
print(new[3] & termios.ECHO, old[3] & termios.ECHO != 0, os.get_terminal_size(slave), termios.tcgetattr(slave) == old, type(old[6]), len(old[6]))
os.close(master), os.close(slave)

import crypt, dbm.ndbm, multiprocessing.shared_memory, resource, syslog, threading

with tempfile.TemporaryDirectory() as folder:
    with dbm.ndbm.open(os.path.join(folder, "d"), "c") as d:
        d["k"], d[b"l"] = "v", b"\0w"
        print(sorted(d.keys()), d["k"], d.get("none"), "l" in d, d.setdefault("m", b"n"), len(d))
    try:
        d["k"]
    except dbm.ndbm.error as e:
        print(e)
print(crypt.crypt("pw", "$6$salt") == crypt.crypt("pw", crypt.crypt("pw", "$6$salt")), crypt.METHOD_SHA512.ident)
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 200), hard))
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] <= 200, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0, syslog.LOG_UPTO(3), syslog.setlogmask(255))
memory = multiprocessing.shared_memory.SharedMemory(create=True, size=64)
child = os.fork()
if child == 0:
    memory.buf[:4] = b"from"
    os._exit(0)
os.waitpid(child, 0)
print(bytes(memory.buf[:4]), memory.size >= 64)
memory.close(), memory.unlink()
