"""Named faults of audio."""

import shlex
from typing import Literal

from attune.errors import AttuneError

Fault = Literal[
    "missing",
    "unreadable",
    "truncated",
    "overlong",
    "empty",
    "beyond-end",
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
    """Unusable audio; `fault` names the reason."""

    def __init__(self, fault: Fault, what: str, *, where: object, remedy: str | None = None) -> None:
        self.fault = fault
        super().__init__(what, where=where, remedy=remedy)


def conversion(name: str, options: str = "") -> str:
    """Return a remedy with the ffmpeg command that converts this file to WAV."""
    return f"Convert it first: ffmpeg -i {shlex.quote(name)} {options}{' ' if options else ''}-ar 16000 {_made(name)}"


def decoding(name: str) -> str:
    """Return a remedy with the lame command that decodes an MP3 that ffmpeg cannot read."""
    return f"Decode it first: lame --decode {shlex.quote(name)} {_made(name, '.wav')}"


def _made(name: str, ending: str = ".16k.wav") -> str:
    return shlex.quote((name.rpartition(".")[0] or name) + ending)
