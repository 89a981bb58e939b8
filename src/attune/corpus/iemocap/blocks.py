"""All label files together: which blocks count, which repeat others, and which lines cannot be read."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from attune.corpus.contract import Note
from attune.corpus.iemocap import evaluations
from attune.corpus.iemocap.evaluations import Block
from attune.corpus.rows import RatingRows
from attune.errors import AttuneError

UNREADABLE, REPEATED = "unreadable-rating", "repeated-block"
"""Kinds of notes."""

_MOST_LISTED = 20


class Placed(NamedTuple):
    """A block and the file it is in."""

    block: Block
    source: str
    """Path below the release."""


class Read(NamedTuple):
    """The contents of all label files."""

    blocks: list[Placed]
    """One per utterance, without ratings."""
    ratings: pd.DataFrame
    """As returned by `attune.corpus.rows.rating_table`."""
    notes: list[Note]


def read(paths: Iterable[Path], release: Path) -> Read:
    """Read all label files.

    Raises:
        AttuneError: unreadable summaries, or repeated blocks that differ; lists all with file and line.
    """
    found: dict[str, Placed] = {}
    ratings = RatingRows()
    notes: list[Note] = []
    faults: list[AttuneError] = []
    for path in paths:
        source = path.relative_to(release).as_posix()
        labels = evaluations.read(path)
        faults += [_at(path, odd.line, odd.error.what, odd.error.remedy) for odd in labels.unreadable]
        notes += [Note(UNREADABLE, source, odd.line, odd.error.what) for odd in labels.passed_over]
        for block in labels.blocks:
            first = found.setdefault(block.summary.utterance, Placed(block, source))
            if first.block is block:
                ratings.add(block.ratings)
                block.ratings = []
                continue
            place = f"{first.source}:{first.block.summary.line}"
            if first.block.digest == block.digest:
                text = f"{block.summary.utterance} is labelled again, as in {place}"
                notes.append(Note(REPEATED, source, block.summary.line, text))
            else:
                what = f"{block.summary.utterance} is labelled differently in {place}"
                faults.append(_at(path, block.summary.line, what, "Remove one of the two blocks."))
    if faults:
        raise _together(faults, release)
    return Read(list(found.values()), ratings.table(), notes)


def _at(path: Path, line: int, what: str, remedy: str | None) -> AttuneError:
    return AttuneError(what, where=f"{path}:{line}", remedy=remedy)


def _together(faults: list[AttuneError], release: Path) -> AttuneError:
    if len(faults) == 1:
        return faults[0]
    lines = [f"{fault.where}: {fault.what}" for fault in faults[:_MOST_LISTED]]
    more = [f"and {len(faults) - _MOST_LISTED} more"] if len(faults) > _MOST_LISTED else []
    return AttuneError("\n  ".join([f"{len(faults)} faults in its label files", *lines, *more]), where=release)
