"""A proxy that loses the answer to each request that changes something, once: whoever asks again is asked for twice."""

import http.client
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from background_server import in_background

_OF_ONE_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding"}
_ONLY_ASKS = ("/search", "/get", "get-", "/list")


class Lost:
    """What was lost: (method, path) of each request whose answer the client never had."""

    def __init__(self, address):
        self.address, self.requests, self._seen = address, [], set()

    def is_first(self, method, path, body):
        """Whether this very request comes for the first time; it then counts as lost."""
        if method in ("GET", "HEAD") or any(sign in path for sign in _ONLY_ASKS):
            return False
        key = (method, path, body)
        if key in self._seen:
            self._seen.remove(key)
            return False
        self._seen.add(key)
        self.requests.append((method, path))
        return True


@contextmanager
def before(port):
    """The address of one before a server on a local port, and what it has lost."""
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    proxy.daemon_threads = True
    lost = Lost(f"http://127.0.0.1:{proxy.server_port}")
    proxy.RequestHandlerClass = _handler(port, lost)
    with in_background(proxy):
        yield lost


def _handler(port, lost):
    class Handler(BaseHTTPRequestHandler):
        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
            behind = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
            behind.request(self.command, self.path, body, headers)
            answer = behind.getresponse()
            content = answer.read()
            behind.close()
            if lost.is_first(self.command, self.path, body):
                self.send_error(504)
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_ONE_HOP:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = pass_on  # noqa: N815

        def log_message(self, *_):
            pass

    return Handler
