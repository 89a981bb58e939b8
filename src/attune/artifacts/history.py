"""history.csv: losses and scores of every epoch of a training run."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from attune.artifacts.door import again
from attune.artifacts.text_tables import TextTable
from attune.errors import AttuneError

_NUMBERS = ("epoch", "train_loss", "development_loss", "development_uar")

HISTORY = TextTable("history.csv", "train", ("network", *_NUMBERS))
"""In addition, a column ``development_uar_<task>`` for each task."""

COSTS = tuple(10 ** (exponent / 2) for exponent in range(-6, 1))
"""Values of C that a support vector machine tries: its history has one row each, numbered like epochs."""


def read(folder: Path, tasks: Iterable[str]) -> pd.DataFrame:
    """Read the history of a model of these tasks.

    Raises:
        AttuneError: the file is missing, has changed, lacks a column, or has text among its numbers.
    """
    numbers = (*_NUMBERS, *(f"development_uar_{task}" for task in tasks))
    table = replace(HISTORY, numbers=numbers).read(folder)
    lacking = [name for name in numbers if name not in table]
    if len(table) and lacking:  # a published model was not trained here
        raise AttuneError(f"has no column {lacking[0]!r}", where=HISTORY.path(folder), remedy=again(HISTORY.step))
    return table
