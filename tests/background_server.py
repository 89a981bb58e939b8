"""A server in a thread of the tests, gone when the block ends, however it ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from typing import TypeVar

_Server = TypeVar("_Server", bound=BaseServer)


@contextmanager
def in_background(server: _Server) -> Iterator[_Server]:
    """Serve until the block ends: a server that is closed but not shut down polls its dead socket without a pause."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
