"""The protocols by name: what each tests, and the folds of those that fix them whatever the corpus."""

from typing import NamedTuple

_SESSIONS = tuple(f"session{number}" for number in range(1, 6))


class Protocol(NamedTuple):
    """A way to divide a corpus into training, development and test partitions."""

    description: str
    folds: tuple[str, ...] = ()
    """Named by what is tested on; empty where the corpus decides."""


PROTOCOLS = {
    "loso5": Protocol("leave one session (two speakers) out", _SESSIONS),
    "lospko10": Protocol(
        "leave one speaker out, the partner unused", tuple(f"Ses0{n}{gender}" for n in range(1, 6) for gender in "FM")
    ),
    "paper-as-written": Protocol("the paper's split as printed: session 5 tested", ("session5",)),
    "paper-by-counts": Protocol("the paper's split by its counts: session 1 tested", ("session1",)),
}
