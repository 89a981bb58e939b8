"""Preview of a run on a corpus: how much data there is, what each fold gets, what would be refused."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from attune.corpus import inventory
from attune.corpus.contract import Corpus
from attune.corpus.folds import folds
from attune.corpus.protocols import partition
from attune.errors import AttuneError
from attune.params import Params
from attune.tasks import Task
from attune.validation.foresight import warnings
from attune.validation.verdict import Verdict

_SECONDS = (0, 5, 50, 95, 100)
_NAMED = 8
_ROUNDED = 0.005  # rounding of published hours


class Classes(NamedTuple):
    """The distribution of a task's accepted ratings."""

    task: Task
    mean: float
    """On the corpus's own scale."""
    shares: list[float]
    """Share of each class."""


class Fold(NamedTuple):
    """The contents of a fold."""

    fold: str
    sizes: list[str]
    """Utterances of training, development and test, and their speakers where these are known."""
    fault: AttuneError | None = None
    """Why the fold cannot be made."""


class Difference(NamedTuple):
    """A count that differs from the published one."""

    what: str
    published: float
    here: float


class Preview(NamedTuple):
    """Overview of a corpus."""

    durations: dict[str, float]
    """Percentiles of duration in seconds, by name, and total hours."""
    classes: list[Classes]
    folds: list[Fold]
    published: list[Difference]
    warnings: list[str]
    """What later steps would refuse or could not measure."""

    def check(self, params: Params) -> None:
        """Raise for what would stop the run after validation.

        Raises:
            AttuneError: there are no folds, or a fold named in params.yaml does not exist or cannot be made.
        """
        names = [row.fold for row in self.folds]
        if not names:
            remedy = "Name a partition test, test1, ..., or choose another protocol."
            raise AttuneError("nothing in this corpus can be tested on", where=params.protocol, remedy=remedy)
        for fold in params.folds:
            if fold not in names:
                remedy = f"Its folds are {', '.join(names[:_NAMED])}{', ...' if len(names) > _NAMED else ''}."
                raise AttuneError(f"{fold!r} is not a fold of this corpus", where="folds", remedy=remedy)
        if fault := next((row.fault for row in self.folds if row.fold in params.folds and row.fault), None):
            raise fault


def preview(corpus: Corpus, verdict: Verdict, params: Params) -> Preview:
    """Preview a corpus that has been read and validated.

    Raises:
        AttuneError: the corpus lacks a column that the protocol needs.
    """
    accepted = verdict.accepted
    names = folds(accepted, params.protocol) if len(accepted) else []
    return Preview(
        durations=_durations(accepted["duration"]),
        classes=[_classes(accepted, task) for task in corpus.about.tasks],
        folds=[_fold(accepted, params.protocol, name, corpus.about.speakers_known) for name in names],
        published=_published(corpus),
        warnings=warnings(accepted, corpus.about.tasks, params, names),
    )


def _durations(seconds: pd.Series) -> dict[str, float]:
    if seconds.empty:
        return {}
    shortest, low, middle, high, longest = (float(one) for one in np.percentile(seconds, _SECONDS))
    return {
        **{"shortest": shortest, "5 % below": low, "median": middle, "5 % above": high, "longest": longest},
        **{"hours": float(seconds.sum()) / 3600},
    }


def _classes(accepted: pd.DataFrame, task: Task) -> Classes:
    ratings = accepted[task.name]
    shares = np.bincount(task.to_class(ratings), minlength=len(task.classes)) / max(len(ratings), 1)
    mean = float(task.own(ratings).mean()) if len(ratings) else float("nan")
    return Classes(task, mean, shares.tolist())


def _fold(accepted: pd.DataFrame, protocol: str, fold: str, speakers_known: bool) -> Fold:
    try:
        parts = partition(accepted, protocol, fold)
    except AttuneError as error:
        return Fold(fold, [], error)
    speakers = [f" of {part['speaker'].nunique()}" if speakers_known else "" for part in parts]
    return Fold(fold, [f"{len(part)}{of}" for part, of in zip(parts, speakers, strict=True)])


def _published(corpus: Corpus) -> list[Difference]:
    published = corpus.about.published
    if not published:
        return []
    here = inventory.count(corpus.utterances)
    found = [Difference(what, published.get(what, 0.0), here.get(what, 0.0)) for what in published | here]
    return [one for one in found if abs(one.published - one.here) > _ROUNDED]
