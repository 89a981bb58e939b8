"""The protocols by name: their descriptions, and the folds of those whose folds do not depend on the corpus."""

import re
from typing import NamedTuple

_SESSIONS = tuple(f"session{number}" for number in range(1, 6))
_K_FOLDS = re.compile(r"([2-9]|[1-9]\d)-fold")


class Protocol(NamedTuple):
    """A way to divide a corpus into training, development and test partitions."""

    description: str
    folds: tuple[str, ...] = ()
    """Named by what is tested on; empty if the corpus decides."""


PROTOCOLS = {
    "loso5": Protocol("leave one session (two speakers) out", _SESSIONS),
    "lospko10": Protocol(
        "leave one speaker out, the partner unused", tuple(f"Ses0{n}{gender}" for n in range(1, 6) for gender in "FM")
    ),
    "paper-as-written": Protocol("the paper's split as printed: session 5 tested", ("session5",)),
    "paper-by-counts": Protocol("the paper's split by its counts: session 1 tested", ("session1",)),
    "leave-one-session-out": Protocol("leave one session out, develop on the next"),
    "leave-one-speaker-out": Protocol("leave one speaker out, those met in the same sessions unused"),
    "given": Protocol("the corpus' own partitions or folds"),
    "cross-corpus": Protocol("leave one corpus out, train on all others"),
}
K_FOLD = "5-fold"
"""An example: 2-fold to 99-fold are valid."""


def find(name: str) -> Protocol | None:
    """Return the protocol of that name; None if there is none."""
    if match := _K_FOLDS.fullmatch(name):
        count = int(match[1])
        return Protocol(
            f"{count} folds of about the same size, grouped by speaker", tuple(f"fold{n}" for n in range(1, count + 1))
        )
    return PROTOCOLS.get(name)


def names() -> str:
    """List all protocols, for messages."""
    return ", ".join([*PROTOCOLS, f"{K_FOLD} (or another number)"])
