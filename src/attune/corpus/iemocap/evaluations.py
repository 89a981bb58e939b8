"""IEMOCAP's label files (``dialog/EmoEvaluation/<dialog>.txt``), line by line, as they are.

A block is a summary and the rows of its raters::

    [6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]
    C-E2:	Neutral;	()
    A-E3:	val 3; act 2; dom  2;	()

The summary's three numbers are **valence, arousal, dominance**. Nothing is repaired: numbers outside 1 to 5 stay.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from attune.corpus.contract import Rating
from attune.corpus.iemocap.ids import parse_utterance
from attune.errors import AttuneError

_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)|nan)"
_SUMMARY = re.compile(
    rf"\[\s*{_NUMBER}\s*-\s*{_NUMBER}\s*\]\s+(\S+)\s+(\S+)\s+\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]",
    re.IGNORECASE,
)
_DIMENSIONS = re.compile(rf"A-(\w+):\s*val\s*{_NUMBER}?\s*;\s*act\s*{_NUMBER}?\s*;\s*dom\s*{_NUMBER}?\s*;(.*)")
_CATEGORIES = re.compile(r"C-(\w+):\s*(?:([^;(]*(?:;[^;(]+)*);)?(.*)")
_FORMS = {
    "[": "[6.2901 - 8.2357]<tab>Ses01F_impro01_F000<tab>neu<tab>[2.5000, 2.5000, 2.5000]",
    "A": "A-E3:<tab>val 3; act 2; dom  2;<tab>()",
    "C": "C-E2:<tab>Neutral;<tab>()",
}


class Summary(NamedTuple):
    """What a dialog's file says of one utterance."""

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


def read(path: Path) -> tuple[list[Summary], list[Rating]]:
    """Read one label file.

    Raises:
        AttuneError: a line has none of the known forms; names file and line.
    """
    summaries: list[Summary] = []
    ratings: list[Rating] = []
    for number, line in _lines(path):
        try:
            if line.startswith("["):
                summaries.append(_summary(line, number))
            else:
                ratings.append(_rating(line, summaries[-1].utterance if summaries else None))
        except AttuneError as error:
            raise AttuneError(error.what, where=f"{path}:{number}", remedy=error.remedy) from None
    return summaries, ratings


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that say something, with their numbers; any line ending will do."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.strip()
        if content and not content.startswith("%"):
            yield number, content


def _summary(line: str, number: int) -> Summary:
    match = _SUMMARY.fullmatch(line)
    if match is None:
        raise _unparsable(line)
    start, end, name, category, valence, arousal, dominance = match.groups()
    parse_utterance(name)
    return Summary(name, float(start), float(end), category, float(arousal), float(valence), float(dominance), number)


def _rating(line: str, utterance: str | None) -> Rating:
    dimensions, categories = _DIMENSIONS.fullmatch(line), _CATEGORIES.fullmatch(line)
    if dimensions is None and categories is None:
        raise _unparsable(line)
    if utterance is None:
        raise AttuneError(f"a rating before any utterance: {line!r}", remedy="A summary line must come first.")
    if dimensions is not None:
        rater, valence, arousal, dominance, rest = dimensions.groups()
        scores = (_number(arousal), _number(valence), _number(dominance))
        return Rating(utterance, rater, "dimensional", _is_actor(rater), *scores, None, _comment(rest))
    assert categories is not None
    rater, category, rest = categories.groups()
    missing = float("nan")
    named = (category or "").strip() or None
    return Rating(utterance, rater, "categorical", _is_actor(rater), missing, missing, missing, named, _comment(rest))


def _number(text: str | None) -> float:
    return float(text) if text else float("nan")


def _comment(rest: str) -> str | None:
    text = rest.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text or None


def _is_actor(rater: str) -> bool:
    return rater[0] in "FM"


def _unparsable(line: str) -> AttuneError:
    form = _FORMS.get(line[0])
    expected = form if form else " or ".join(_FORMS.values())
    return AttuneError(f"cannot be read as a label line: {line!r}", remedy=f"Expected the form {expected}")
