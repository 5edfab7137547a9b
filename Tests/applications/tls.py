"""requests over TLS to a server of this process, with the certificate of CPython's test suite (libpython3.11-testsuite)."""
import gzip
import http.server
import json
import os
import ssl
import threading

import requests
import test

for name in "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE":
    os.environ.pop(name, None)
CERTIFICATE = os.path.join(os.path.dirname(test.__file__), "keycert.pem")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, body, status=200, **headers):
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/redirect":
            return self.reply(b"", 302, Location="/json?x=1")
        if self.path == "/gzip":
            return self.reply(gzip.compress(b"zipped " * 1000), Content_Encoding="gzip")
        if self.path == "/cookie":
            return self.reply(b"", Set_Cookie="a=b; Path=/")
        if self.path == "/chunks":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for i in range(1, 6):
                self.wfile.write(b"%x\r\n%s\r\n" % (i, b"c" * i))
            return self.wfile.write(b"0\r\n\r\n")
        found = {"path": self.path, "cookie": self.headers.get("Cookie"), "auth": self.headers.get("Authorization")}
        self.reply(json.dumps(found).encode(), Content_Type="application/json")

    def do_POST(self):
        self.reply(self.rfile.read(int(self.headers["Content-Length"])), Content_Type=self.headers["Content-Type"])


def refused(url, word, **options):
    try:
        requests.get(url, **options)
    except requests.exceptions.SSLError as e:
        return word in str(e)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE)
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"https://localhost:{server.server_port}"
print("unknown issuer:", refused(url, "CERTIFICATE_VERIFY_FAILED"))
print("wrong name:", refused(f"https://127.0.0.1:{server.server_port}", "mismatch", verify=CERTIFICATE))
with requests.Session() as session:
    session.verify = CERTIFICATE
    r = session.get(url + "/redirect", auth=("me", "secret"))
    print(r.status_code, r.json(), [h.status_code for h in r.history])
    session.get(url + "/cookie")
    print(session.get(url + "/x").json())
    r = session.get(url + "/gzip")
    print(len(r.content), r.text[:6], r.headers["Content-Encoding"])
    print(b"".join(session.get(url + "/chunks", stream=True).iter_content(4)))
    r = session.post(url, files={"f": ("n.txt", b"data" * 200_000)}, data={"k": "v"})
    print(r.status_code, len(r.content) > 800_000, r.content.count(b"data") >= 200_000)
    print(session.post(url, json={"ü": [1, None]}).json())
    r = session.get(url + "/json")
    print(r.raw.version, r.encoding, r.apparent_encoding, r.ok)
server.shutdown()
server.server_close()
