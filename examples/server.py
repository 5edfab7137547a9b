"""An HTTP server in a thread, asked by the same process."""
import http.server
import json
import threading
import urllib.error
import urllib.request


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/hello":
            self.send_error(404, "nothing here")
            return
        body = json.dumps({"hello": "world", "agent": self.headers["X-Agent"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
thread = threading.Thread(target=server.serve_forever)
thread.start()
base = f"http://127.0.0.1:{server.server_address[1]}"
for i in range(3):
    request = urllib.request.Request(base + "/hello", headers={"X-Agent": f"client {i}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        print(answer.status, answer.headers["Content-Type"], json.load(answer))
try:
    urllib.request.urlopen(base + "/missing", timeout=20)
except urllib.error.HTTPError as error:
    print(error.code, error.reason)
server.shutdown()
thread.join()
server.server_close()
print("done")
