"""What teams put before a server: a proxy that speaks TLS under a private authority and adds a prefix to every path."""

import http.client
import ssl
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme
from background_server import in_background

_OF_ONE_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding"}


@contextmanager
def before(port, prefix, folder, name="127.0.0.1"):
    """Its address, prefix and all, and the file with its authority's certificate, before a server on a local port.

    `name` is whom its certificate names.
    """
    authority = trustme.CA()
    certificate = folder / "authority.pem"
    authority.cert_pem.write_to_path(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _handler(port, prefix))
    proxy.daemon_threads = True
    proxy.socket = context.wrap_socket(proxy.socket, server_side=True, do_handshake_on_connect=False)
    with in_background(proxy):
        yield f"https://127.0.0.1:{proxy.server_port}{prefix}", certificate


def _handler(port, prefix):
    class Handler(BaseHTTPRequestHandler):
        def pass_on(self):
            if not self.path.startswith(f"{prefix}/"):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
            behind = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
            behind.request(self.command, self.path.removeprefix(prefix), body, headers)
            answer = behind.getresponse()
            content = answer.read()
            behind.close()
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
