"""What can be wrong with audio, by name."""

import shlex
from typing import Literal

from attune.errors import AttuneError

Fault = Literal[
    "missing",
    "unreadable",
    "truncated",
    "overlong",
    "empty",
    "too-long",
    "too-large",
    "not-finite",
    "rate",
    "channels",
    "silent",
    "off-scale",
    "out-of-phase",
]


class AudioError(AttuneError):
    """Audio that cannot be used, and in which way it is at fault."""

    def __init__(self, fault: Fault, what: str, *, where: object, remedy: str | None = None) -> None:
        self.fault = fault
        super().__init__(what, where=where, remedy=remedy)


def conversion(name: str, options: str = "") -> str:
    """The line of ffmpeg that makes a WAV file of this one, as a remedy."""
    target = name.rpartition(".")[0] or name
    source, made = shlex.quote(name), shlex.quote(f"{target}.16k.wav")
    return f"Convert it first: ffmpeg -i {source} {options}{' ' if options else ''}-ar 16000 {made}"
