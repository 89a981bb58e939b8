"""What the server allows, of one request and in all."""

from typing import NamedTuple


class Limits(NamedTuple):
    """All have defaults; the options of `attune serve` change the first four."""

    request_bytes: int = 64_000_000
    request_rows: int = 1000
    request_seconds: float = 300.0
    """Of audio, after decoding; the rows of a request together."""
    requests: int = 128
    """Waiting or at work at once; more are answered with 503, more than half of them from one address with 429."""
    seconds: float = 120.0
    """From the head of a request to its answer."""
    connections: int = 512
    """Open at once; for one more, the one that has waited longest for its next request is closed."""
    head_seconds: float = 10.0
    """For a request's line and headers, and between requests on a connection that is kept."""
    pause_seconds: float = 10.0
    """Between two parts of a body."""
    bytes_a_second: int = 16_000
    """A body that keeps arriving more slowly than that, after `pause_seconds`, is given up."""
    answer_seconds: float = 30.0
    """For the client to take its answer."""

    @property
    def bytes_in_all(self) -> int:
        """Of all bodies that wait or are at work."""
        return 2 * self.request_bytes

    @property
    def requests_per_client(self) -> int:
        return max(1, self.requests // 2)
