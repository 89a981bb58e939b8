"""Admission control: limits on concurrent requests and bytes, in total and per client address."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from attune.serving.limits import Limits


class Refused(Exception):  # noqa: N818 - an answer, not an error of ours
    """A request that is answered with an HTTP error status and a message."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message
        super().__init__(message)


class Visit:
    """An admitted request, and the bytes kept for it."""

    def __init__(self, admission: "Admission") -> None:
        self._admission, self.held = admission, 0

    def hold(self, size: int) -> None:
        """Reserve `size` more bytes.

        Raises:
            Refused: 503 if all requests together have too many.
        """
        if self._admission.held + size > self._admission.limits.bytes_in_all:
            raise Refused(503, "too much is waiting to be scored; try again later")
        self.held += size
        self._admission.held += size


class Admission:
    """Counts admitted requests and bytes. For one event loop."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.held = limits, 0
        self._inside: Counter[str] = Counter()

    @contextmanager
    def visit(self, client: str) -> Iterator[Visit]:
        """Admit a request until the end of the block.

        Raises:
            Refused: 503 if there are too many requests, 429 if too many are from this client.
        """
        if self._inside.total() >= self.limits.requests:
            raise Refused(503, f"{self.limits.requests} requests are waiting; try again later")
        if self._inside[client] >= self.limits.requests_per_client:
            raise Refused(429, f"{self._inside[client]} requests from this address are waiting; try again later")
        self._inside[client] += 1
        visit = Visit(self)
        try:
            yield visit
        finally:
            self.held -= visit.held
            self._inside[client] -= 1
            self._inside += Counter()  # drops clients with a count of 0
