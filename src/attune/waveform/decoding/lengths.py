"""Comparison of the length in a header with the length found."""

import shlex

from attune.waveform.decoding.faults import AudioError


def compare(stated: int | None, found: int, notes: list[str], where: str) -> None:
    """Raise for fewer samples than stated, and note more, in formats whose frames mark what is sound."""
    if stated and found < stated:
        refuse(stated, found, "samples", where)
    if stated and found > stated:
        notes.append(f"its header promises {stated} samples and {found} are there; all are read")


def refuse(stated: int, found: int, unit: str, where: str) -> None:
    """Raise for a length other than the header states, in formats where only the header marks what is sound."""
    if found < stated:
        what = f"is truncated: {found} {unit} where its header promises {stated}"
        raise AudioError("truncated", what, where=where, remedy="Copy it again from its source.")
    raise AudioError(
        "overlong",
        f"its header promises {stated} {unit}, but {found} are there and nothing says what the rest is",
        where=where,
        remedy=f"If all of it is sound: ffmpeg -ignore_length 1 -i {shlex.quote(where)} repaired.wav",
    )
