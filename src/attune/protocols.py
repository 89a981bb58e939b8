"""The protocols by name: what each tests, and the folds of those that fix them whatever the corpus."""

import re
from typing import NamedTuple

_SESSIONS = tuple(f"session{number}" for number in range(1, 6))
_K_FOLDS = re.compile(r"([2-9]|[1-9]\d)-fold")


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
    "leave-one-session-out": Protocol("leave one session out, develop on the next"),
    "leave-one-speaker-out": Protocol("leave one speaker out, those met in the same sessions unused"),
    "given": Protocol("the corpus' own partitions or folds"),
    "cross-corpus": Protocol("leave one corpus out, train on all others"),
}
K_FOLD = "5-fold"
"""As are 2-fold to 99-fold."""


def find(name: str) -> Protocol | None:
    """The protocol of that name."""
    if match := _K_FOLDS.fullmatch(name):
        count = int(match[1])
        return Protocol(
            f"{count} folds of about the same size, grouped by speaker", tuple(f"fold{n}" for n in range(1, count + 1))
        )
    return PROTOCOLS.get(name)


def names() -> str:
    """All of them, for people."""
    return ", ".join([*PROTOCOLS, f"{K_FOLD} (or another number)"])
