"""The guest book of examples/flask_app as a client of `flask run` sees it: each route, the debugger's page, the reloader. Run by an environment's python."""
import http.client
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

SHOWN = ("Content-Type", "Location", "Allow", "Transfer-Encoding", "Connection", "Vary")


class Site:
    """A server and a client with its cookies."""

    def __init__(self, *options):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = open("server.log", "w+")
        environment = dict(os.environ, PYTHONPATH="", PYTHONUNBUFFERED="1")
        self.process = subprocess.Popen([sys.executable, "-m", "flask", "--app", "flask_app", *options, "run", "-p", str(port)], env=environment,
                                        stdout=self.log, stderr=self.log, start_new_session=True)
        self.client = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.until(lambda: self.fetch("/api/notes")[0] == 200)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)
        self.log.close()

    def until(self, condition):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if condition():
                    return True
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        return "waited in vain: " + self.lines()[-2000:]

    def fetch(self, path, data=None, method=None, **headers):
        request = urllib.request.Request(self.url + path, data, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
        try:
            with self.client.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def show(self, path, *rest, **more):
        status, headers, body = self.fetch(path, *rest, **more)
        print("---", rest[1:] or "", path, status, {k: ", ".join(sorted(headers[k].split(", "))) for k in SHOWN if k in headers})
        print(body)

    def lines(self):
        with open("server.log") as file:
            return re.sub(r"\x1b\[[0-9;]*m", "", file.read())


def form(fields):
    """A multipart body and its content type."""
    parts = []
    for name, filename, content in fields:
        parts.append(b'--frontier\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n' % (name.encode(), filename.encode()) + content)
    return b"\r\n".join(parts) + b"\r\n--frontier--\r\n", "multipart/form-data; boundary=frontier"


with Site() as site:
    site.show("/")
    site.show("/")
    site.show("/", b"author=&text=")
    site.show("/", "author=Ünal&text=<b>hello</b>".encode())
    site.show("/api/notes")
    site.show("/api/notes", json.dumps({"author": "a", "text": "by JSON"}).encode(), Content_Type="application/json")
    site.show("/api/notes", b"[1]", Content_Type="application/json")
    site.show("/api/notes", b"{", Content_Type="application/json")
    site.show("/api/notes", b"text", Content_Type="text/plain")
    site.show("/api/notes/2")
    site.show("/api/notes/7")
    site.show("/nowhere")
    site.show("/api/notes", None, "DELETE")
    site.show("/api/notes", None, "OPTIONS")
    site.show("/api/notes", None, "HEAD")
    body, kind = form([("first", "a.txt", b"text"), ("second", "b.bin", bytes(range(256)) * 4096)])
    site.show("/upload", body, Content_Type=kind)
    body, kind = form([("large", "c.bin", bytes(5 << 20))])
    print("too large:", site.fetch("/upload", body, Content_Type=kind)[0])
    status, headers, body = site.fetch("/static/style.css")
    print(status, headers["Content-Type"], len(body) == int(headers["Content-Length"]))
    print(site.fetch("/static/style.css", If_None_Match=headers["ETag"])[0], site.fetch("/static/style.css", Range="bytes=0-9")[0],
          site.fetch("/static/../__init__.py")[0])
    status, headers, body = site.fetch("/count/10000")
    print(status, headers["Transfer-Encoding"], len(body), body[-30:])
    print("without the debugger:", site.fetch("/crash")[0])
    print(site.lines().count("ZeroDivisionError"), sorted(set(re.findall(r'"(\w+) [^"]*" (\d+)', site.lines()))))

with Site("--debug") as site:
    status, _, page = site.fetch("/crash")
    print("the debugger's page:", status, re.findall(r"<title>(.*)\n", page)[0], "return 1 / (secret - 42)" in page)
    print([name for name in re.findall(r'<code class="function">(.*?)</code>', page)])
    secret, frames = re.findall(r'SECRET = "(\w+)"', page)[0], re.findall(r'id="frame-(\d+)"', page)
    ask = lambda **words: site.fetch("/crash?" + "&".join(f"{k}={v}" for k, v in {"__debugger__": "yes", "s": secret, **words}.items()))
    print(ask(cmd="resource", f="style.css")[0], ask(cmd="resource", f="debugger.js")[1]["Content-Type"])
    print("without its PIN:", ask(cmd="secret", frm=frames[-1])[0])
    pin = re.findall(r"Debugger PIN: ([\d-]+)", site.lines())[0]
    print("wrong PIN:", json.loads(ask(cmd="pinauth", pin="1")[2]), "right:", json.loads(ask(cmd="pinauth", pin=pin)[2]))
    for command in "secret*2", "request.path", "x%20%3D%20[secret]", "x", "unknown", "dump()":
        print(re.sub(r"<[^>]*>", "", ask(cmd=command, frm=frames[-1])[2]).strip()[:300])

    print("the reloader:")
    with open("flask_app/__init__.py") as file:
        source = file.read()
    times = [time.time()]

    def change(text):
        with open("flask_app/__init__.py", "w") as file:
            file.write(text)
        # The reloader looks for later times, of whole seconds on some file systems.
        times.append(times[-1] + 10)
        os.utime("flask_app/__init__.py", (times[-1], times[-1]))

    change(source.replace("{text.upper()}!", "{text.lower()}?"))
    print(site.until(lambda: "guest book?" in site.fetch("/")[2]))
    change(source + "\ndef (\n")
    print(site.until(lambda: "SyntaxError" in site.fetch("/")[2]))
    change(source)
    print(site.until(lambda: "GUEST BOOK!" in site.fetch("/")[2]))
    print(len(re.findall("Detected change in", site.lines())) >= 3)
