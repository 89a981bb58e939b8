"""IEMOCAP's label files (``dialog/EmoEvaluation/<dialog>.txt``), read block by block.

A block is a summary and the rows of its raters::

    [6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]
    C-E2:	Neutral;	()
    A-E3:	val 3; act 2; dom  2;	()

The summary's three numbers are **valence, arousal, dominance**. Nothing is repaired: numbers outside 1 to 5 are kept.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from attune.corpus import text
from attune.corpus.contract import Rating
from attune.corpus.iemocap.ids import UTTERANCE, parse_utterance
from attune.errors import AttuneError

_LONGEST = 10_000  # characters in a line; real ones have hundreds, and regex time may grow quadratically
_SHOWN = 200
_NUMBER = r"([-+]?(?:\d++\.?\d*+|\.\d++)|nan)"
_SUMMARY = re.compile(
    rf"\[\s*{_NUMBER}\s*-\s*{_NUMBER}\s*\]\s+(\S+)\s+(\S+)\s+\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]",
    re.IGNORECASE,
)
_DIMENSIONS = re.compile(
    rf"A-(\w+):\s*val\s*{_NUMBER}?\s*;\s*act\s*{_NUMBER}?\s*;\s*dom\s*{_NUMBER}?\s*;(.*)", re.IGNORECASE
)
_CATEGORIES = re.compile(r"C-(\w+):\s*(?:([^;(]*(?:;[^;(]+)*);)?(.*)")
_FORMS = {
    "[": "[6.2901 - 8.2357]<tab>Ses01F_impro01_F000<tab>neu<tab>[2.5000, 2.5000, 2.5000]",
    "A": "A-E3:<tab>val 3; act 2; dom  2;<tab>()",
    "C": "C-E2:<tab>Neutral;<tab>()",
}


class Summary(NamedTuple):
    """The summary line of one utterance in a dialog's file."""

    utterance: str
    start: float
    """Seconds from the dialog's start."""
    end: float
    category: str
    arousal: float
    valence: float
    dominance: float
    line: int
    """Counted from 1."""


class Odd(NamedTuple):
    """A line that cannot be read."""

    line: int
    error: AttuneError


@dataclass
class Block:
    """A summary, its ratings, and a digest of its lines, unaltered."""

    summary: Summary
    ratings: list[Rating] = field(default_factory=list)
    digest: bytes = b""


class Labels(NamedTuple):
    """A label file."""

    blocks: list[Block]
    unreadable: list[Odd]
    """Summaries that cannot be read; the ratings below them are dropped too."""
    passed_over: list[Odd]
    """Ratings that cannot be read."""


def read(path: Path) -> Labels:
    """Read one label file.

    Raises:
        AttuneError: it cannot be read, or is not text.
    """
    labels = Labels([], [], [])
    current: Block | None = None
    for number, line in _lines(path):
        if _is_summary(line):
            current = _begin(line, number, labels)
        elif current is not None:
            _add(line, number, current, labels)
        elif not labels.unreadable:
            error = AttuneError(
                f"a rating before any utterance: {line[:_SHOWN]!r}", remedy="A summary line must come first."
            )
            labels.passed_over.append(Odd(number, error))
    return labels


def _begin(line: str, number: int, labels: Labels) -> Block | None:
    try:
        labels.blocks.append(Block(_summary(line, number), digest=_digest(b"", line)))
    except AttuneError as error:
        labels.unreadable.append(Odd(number, error))
        return None
    return labels.blocks[-1]


def _add(line: str, number: int, block: Block, labels: Labels) -> None:
    block.digest = _digest(block.digest, line)
    try:
        block.ratings.append(_rating(line, block.summary.utterance))
    except AttuneError as error:
        labels.passed_over.append(Odd(number, error))


def _digest(before: bytes, line: str) -> bytes:
    return hashlib.blake2b(before + line.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _is_summary(line: str) -> bool:
    """Return whether a line begins an utterance, or did before it was damaged."""
    return line.startswith("[") or (line[:2] not in ("A-", "C-") and UTTERANCE.search(line) is not None)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield lines that are neither empty nor comments, with their numbers."""
    for number, line in enumerate(text.read(path).split("\n"), start=1):
        content = line.strip()
        if content and not content.startswith("%"):
            yield number, content


def _summary(line: str, number: int) -> Summary:
    match = _SUMMARY.fullmatch(line) if len(line) <= _LONGEST else None
    if match is None:
        raise _unparsable(line)
    start, end, name, category, valence, arousal, dominance = match.groups()
    parse_utterance(name)
    return Summary(name, float(start), float(end), category, float(arousal), float(valence), float(dominance), number)


def _rating(line: str, utterance: str) -> Rating:
    if len(line) > _LONGEST:
        raise _unparsable(line)
    dimensions, categories = _DIMENSIONS.fullmatch(line), _CATEGORIES.fullmatch(line)
    if dimensions is None and categories is None:
        raise _unparsable(line)
    if dimensions is not None:
        rater, valence, arousal, dominance, rest = dimensions.groups()
        scores = {"arousal": _number(arousal), "valence": _number(valence), "dominance": _number(dominance)}
        return Rating(utterance, rater, "dimensional", _is_actor(rater), scores, None, _comment(rest))
    assert categories is not None
    rater, category, rest = categories.groups()
    named = (category or "").strip() or None
    return Rating(utterance, rater, "categorical", _is_actor(rater), {}, named, _comment(rest))


def _number(digits: str | None) -> float:
    return float(digits) if digits else float("nan")


def _comment(rest: str) -> str | None:
    said = rest.strip()
    if said.startswith("(") and said.endswith(")"):
        said = said[1:-1].strip()
    return said or None


def _is_actor(rater: str) -> bool:
    return rater[0] in "FM"


def _unparsable(line: str) -> AttuneError:
    form = _FORMS.get(line[0])
    expected = form if form else " or ".join(_FORMS.values())
    return AttuneError(f"cannot be read as a label line: {line[:_SHOWN]!r}", remedy=f"Expected the form {expected}")
