"""Ports of this machine for servers that tests start."""

import socket

_HELD: list[socket.socket] = []


def free_port() -> int:
    """A port that nobody else is given before this process ends, and on which whoever names it may listen.

    A bound socket that does not listen keeps it, since servers set SO_REUSEADDR as it does.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _HELD.append(held)
    return int(held.getsockname()[1])
