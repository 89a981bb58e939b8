"""What tables of people's own get wrong: parts of recordings that cannot be, and speakers spelt in two ways."""

import re

import numpy as np
import pandas as pd

from attune.corpus.spelling import same

_LEAST = 0.02
"""Seconds that two parts may share: cut points are rounded."""


def order(table: pd.DataFrame) -> pd.Series:
    """Of each part: "in order", or why no recording has it."""
    start, end = table["start"].fillna(0.0), table["end"]
    said = np.where(start < 0, "starts before 0", np.where(end <= start, "ends where it starts, or before", "in order"))
    told = [
        word if word == "in order" else f"{word} ({a:g} to {b:g} s)"
        for word, a, b in zip(said, start, end, strict=True)
    ]
    return pd.Series(told, index=table.index, dtype=object)


def overlaps(table: pd.DataFrame) -> pd.Series:
    """Of each part: "nothing", or the utterance that begins before it in the recording and ends in it."""
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
    """Of each speaker the spelling that occurs first of those that differ in case, spaces or a number's zeros alone."""
    return speakers.groupby(speakers.map(_plain, na_action="ignore")).transform("first")


def _plain(name: str) -> str:
    """``Ann`` and ``ann``, ``7``, ``007`` and ``7.0`` in one spelling."""
    return re.sub(r"^0*(\d+)(\.0+)?$", r"\1", same("".join(name.split()).casefold()))
