"""Common mistakes in users' own tables: impossible parts of recordings, and speakers spelt in two ways."""

import re

import numpy as np
import pandas as pd

from attune.corpus.spelling import same

_LEAST = 0.02
"""Seconds that two parts may overlap, as cut points are rounded."""


def order(table: pd.DataFrame) -> pd.Series:
    """Return for each part "in order", or why it is impossible."""
    start, end = table["start"].fillna(0.0), table["end"]
    said = np.where(start < 0, "starts before 0", np.where(end <= start, "ends where it starts, or before", "in order"))
    told = [
        word if word == "in order" else f"{word} ({a:g} to {b:g} s)"
        for word, a, b in zip(said, start, end, strict=True)
    ]
    return pd.Series(told, index=table.index, dtype=object)


def overlaps(table: pd.DataFrame) -> pd.Series:
    """Return for each part "nothing", or an utterance that begins before it in the recording and reaches into it."""
    found = pd.Series("nothing", index=table.index, dtype=object)
    rows = table[table["audio"].notna()].assign(start=table["start"].fillna(0.0), end=table["end"].fillna(np.inf))
    for _, own in rows.sort_values(["audio", "start", "end"], kind="stable").groupby("audio", sort=False):
        last, until = "", -np.inf
        for place, name, start, end in zip(own.index, own["utterance"], own["start"], own["end"], strict=True):
            if start < until - _LEAST:
                found[place] = last
            if end > until:
                last, until = name, end
    return found


def spelling(speakers: pd.Series) -> pd.Series:
    """Return each speaker's first spelling among those that differ only in case, spaces or a number's zeros."""
    return speakers.groupby(speakers.map(_plain, na_action="ignore")).transform("first")


def _plain(name: str) -> str:
    """Return a normal form, the same for ``Ann`` and ``ann``, and for ``7``, ``007`` and ``7.0`` of one corpus."""
    return re.sub(r"(^|:)0*(\d+)(\.0+)?$", r"\1\2", same("".join(name.split()).casefold()))
