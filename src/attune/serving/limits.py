"""The server's limits, per request and in total."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Limits with their defaults; the options of `attune serve` change the first four."""

    request_bytes: int = 64_000_000
    request_rows: int = 1000
    request_seconds: float = 300.0
    """Of audio after decoding, over all rows of a request."""
    requests: int = 128
    """Waiting or being scored at once; more get a 503, and more than half of them from one address a 429."""
    seconds: float = 120.0
    """From the head of a request to its answer."""
    connections: int = 512
    """Open at once; beyond that, the one that has waited longest for its next request is closed."""
    head_seconds: float = 10.0
    """For a request's line and headers, and between requests on a keep-alive connection."""
    pause_seconds: float = 10.0
    """Between two parts of a body."""
    bytes_a_second: int = 16_000
    """A body that arrives more slowly, after `pause_seconds`, is refused."""
    answer_seconds: float = 30.0
    """For the client to read its answer."""

    @property
    def bytes_in_all(self) -> int:
        """Of all bodies that are waiting or being scored."""
        return 2 * self.request_bytes

    @property
    def requests_per_client(self) -> int:
        return max(1, self.requests // 2)
