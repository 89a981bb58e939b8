"""uvicorn's connections with a time limit on every phase and a limit on their number, so that idle ones are closed.

uvicorn itself limits only the idle time after an answer, not connections that send nothing or half a head, or that do
not read their answer.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from attune.serving.limits import Limits

_CLOSING = 5.0
_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Connection(H11Protocol):
    """A connection that tracks its phase and when that began."""

    most: int
    _noted: tuple[str, Any] = ("", None)
    since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection; if there are too many, abort the one waiting longest for a head, or else this one."""
        super().connection_made(transport)
        self.phase()
        if len(self.connections) > self.most:
            idle = [other for other in self.connections if isinstance(other, Connection) and other.phase() == "head"]
            min(idle, key=lambda other: other.since, default=self).transport.abort()

    def phase(self) -> str:
        """Return the phase: `closing`, `answer` (not yet read by the client), `work` or `head` (waiting for one)."""
        phase = self._phase()
        if self._noted != (phase, self.cycle):
            self._noted, self.since = (phase, self.cycle), self.loop.time()
        return phase

    def _phase(self) -> str:
        if self.transport.is_closing():
            return "closing"
        if self.transport.get_write_buffer_size():
            return "answer"
        return "head" if self.cycle is None or self.cycle.response_complete else "work"

    def give_up(self) -> None:
        """Close a connection that timed out; one that sent half a head gets a 408."""
        if self.phase() != "head":
            self.transport.abort()
            return
        if self.conn.trailing_data[0]:
            self.transport.write(_TIMEOUT)
        self.transport.close()


def limited(limits: Limits) -> type[Connection]:
    """Return a connection class with these limits, for uvicorn to instantiate."""
    return type("LimitedConnection", (Connection,), {"most": limits.connections})


async def watch(connections: Iterable[Any], limits: Limits) -> None:
    """Once a second, close every connection that has been in one phase for too long."""
    longest = {"closing": _CLOSING, "answer": limits.answer_seconds, "head": limits.head_seconds}
    while True:
        await asyncio.sleep(1)
        for connection in list(connections):
            phase = connection.phase()
            if phase in longest and connection.loop.time() - connection.since > longest[phase]:
                connection.give_up()
