"""Connections that cannot be kept open for nothing: uvicorn's, with a limit on every phase and on their number.

uvicorn itself limits only the pause after an answer: not a connection that sends nothing or half a head, nor one that
does not take its answer.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from attune.serving.limits import Limits

_CLOSING = 5.0
_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Connection(H11Protocol):
    """A connection that knows in which phase it is, and since when."""

    most: int
    _noted: tuple[str, Any] = ("", None)
    since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection; of too many, end the one that has waited longest for a head, or else this one."""
        super().connection_made(transport)
        self.phase()
        if len(self.connections) > self.most:
            idle = [other for other in self.connections if isinstance(other, Connection) and other.phase() == "head"]
            min(idle, key=lambda other: other.since, default=self).transport.abort()

    def phase(self) -> str:
        """`closing`, `answer` (which is not taken yet), `work` or `head` (waiting for one)."""
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
        """End a connection whose time is over; one that sent half a head is told."""
        if self.phase() != "head":
            self.transport.abort()
            return
        if self.conn.trailing_data[0]:
            self.transport.write(_TIMEOUT)
        self.transport.close()


def limited(limits: Limits) -> type[Connection]:
    """The class of connections under these limits, for uvicorn to make."""
    return type("LimitedConnection", (Connection,), {"most": limits.connections})


async def watch(connections: Iterable[Any], limits: Limits) -> None:
    """Once a second, end every connection that has been in one phase for too long."""
    longest = {"closing": _CLOSING, "answer": limits.answer_seconds, "head": limits.head_seconds}
    while True:
        await asyncio.sleep(1)
        for connection in list(connections):
            phase = connection.phase()
            if phase in longest and connection.loop.time() - connection.since > longest[phase]:
                connection.give_up()
