"""After its block a server's thread is gone, which every module of tests is held to."""

import threading
import time
from socketserver import BaseRequestHandler, TCPServer

from background_server import in_background


class Lingering(TCPServer):
    """A server whose thread ends a little later, as on a busy machine."""

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        super().serve_forever(poll_interval)
        time.sleep(0.1)


def test_the_thread_of_a_server_has_ended_with_the_block():
    before = threading.active_count()
    with in_background(Lingering(("127.0.0.1", 0), BaseRequestHandler)):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
