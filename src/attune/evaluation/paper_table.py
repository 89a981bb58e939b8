"""The published table on one's own folds: every system over all seeds, and how far each is from the baseline.

A score is the mean over seeds of the score pooled over folds. A resample draws speakers, their dialogs and utterances,
the same for all systems, and for each system its seeds, so that intervals cover the variation of both speakers and
training. The paper's own test is reported too; it treats UAR as a share of independent utterances.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from attune.evaluation import scores
from attune.evaluation.bootstrap import (
    Array,
    Draws,
    around,
    clusters,
    difference_of,
    draw,
    holm,
    interval,
    resampled_sums,
)
from attune.evaluation.scores import SCORES, summands
from attune.params import Evaluate
from attune.tasks import PAPER, Task, Tasks

SHOWN = ("uar", "ccc")
RANGE = {"uar": (0, 1), "ccc": (-1, 1)}
BASELINE = "stl"

Key = tuple[str, str, str]
"""A system, a task and a score."""

_NO_DIFFERENCE = dict.fromkeys(("difference", "difference_low", "difference_high", "p", "p_paper"))


class Sampled(NamedTuple):
    """A score of a system: its value, also in each resample (resamples,), and the numbers of utterances and seeds."""

    value: float
    samples: Array
    n: int
    seeds: int


def table(rows: pd.DataFrame, settings: Evaluate, tasks: Tasks = PAPER) -> pd.DataFrame:
    """Return one record for each partition, system, task and score.

    Args:
        rows: ``system, seed, partition, utterance, task, predicted, score, actual, rating, speaker, dialog``.

    Returns:
        ``partition, system, task, score, value, low, high, n, seeds``; against the baseline ``difference,
        difference_low, difference_high, p, p_holm`` and, for UAR on test, ``p_paper``; empty for the baseline.
    """
    records = []
    for partition, part in rows.groupby("partition", sort=False, observed=True):
        people = part.drop_duplicates("utterance")
        sampled, independent = _sampled(part, settings, tasks), clusters(people["speaker"], people["dialog"])
        for (system, task, score), own in sampled.items():
            of_share = independent if score == "uar" else None
            low, high = around(own.value, interval(own.samples, settings.confidence, of_share))
            record: dict[str, Any] = {"partition": str(partition), "system": system, "task": task, "score": score}
            record |= {"value": own.value, "low": low, "high": high, "n": own.n, "seeds": own.seeds}
            record |= _NO_DIFFERENCE
            if system != BASELINE and (baseline := sampled.get((BASELINE, task, score))):
                record |= _against(own, baseline, settings, independent)
                if (partition, score) == ("test", "uar"):
                    record["p_paper"] = paper_p(own.value, baseline.value, own.n)
            records.append(record)
    return _adjusted(pd.DataFrame(records))


def paper_p(one: float, other: float, n: int) -> float:
    """Return p of the paper's one-tailed z-test that `one` is above `other`, both treated as shares of n utterances.

    >>> round(paper_p(0.485, 0.451, 1819), 3)
    0.02
    """
    pooled = (one + other) / 2
    error = np.sqrt(2 * pooled * max(0.0, 1 - pooled) / n)
    return float(norm.sf((one - other) / error)) if error > 0 else 1.0


def _sampled(part: pd.DataFrame, settings: Evaluate, tasks: Tasks) -> dict[Key, Sampled]:
    people = part.drop_duplicates("utterance").set_index("utterance").sort_index()
    draws = draw(people["speaker"], people["dialog"], resamples=settings.resamples, seed=settings.seed)
    found: dict[Key, Sampled] = {}
    for number, (system, own) in enumerate(part.groupby("system", sort=False, observed=True)):
        weights = _seed_weights(own["seed"].nunique(), settings, number)
        for task in tasks:
            rows = own[own["task"] == task.name]
            for score, values, samples in _of_seeds(rows, task, people.index, draws):
                mixed = np.clip((samples * weights).sum(axis=0), *RANGE[score])
                n = len(rows) // len(values)
                found[str(system), task.name, score] = Sampled(float(np.mean(values)), mixed, n, len(values))
    return found


def _seed_weights(seeds: int, settings: Evaluate, number: int) -> Array:
    """Return the weight of each seed in each resample: (seeds, resamples), columns summing to 1.

    Drawn with replacement, the mean of so few has a variance (seeds - 1) / seeds of the true one; this is corrected.
    """
    random = np.random.default_rng([settings.seed, number])
    drawn = random.multinomial(seeds, np.full(seeds, 1 / seeds), size=settings.resamples).T / seeds
    stretched: Array = 1 / seeds + np.sqrt(seeds / max(1, seeds - 1)) * (drawn - 1 / seeds)
    return stretched


def _of_seeds(
    rows: pd.DataFrame, task: Task, order: "pd.Index[Any]", draws: Draws
) -> Iterator[tuple[str, list[float], Array]]:
    """Yield each score with its value for each seed, and for each seed and resample (seeds, resamples)."""
    sums, resampled = [], []
    for _, own in rows.groupby("seed"):
        each = summands(own["actual"], own["predicted"], own["rating"], own["score"], len(task.classes))
        sums.append(each.sum(axis=0))
        resampled.append(resampled_sums(each, draws, order.get_indexer(pd.Index(own["utterance"]))))
    for name in SHOWN:
        if name in scores.names(task):
            yield name, [float(SCORES[name](one)) for one in sums], np.stack([SCORES[name](one) for one in resampled])


def _against(own: Sampled, baseline: Sampled, settings: Evaluate, independent: int) -> dict[str, float]:
    samples = own.samples - baseline.samples
    found = difference_of(own.value - baseline.value, samples, settings.confidence, independent)
    return {"difference": found.value, "difference_low": found.low, "difference_high": found.high, "p": found.p}


def _adjusted(records: pd.DataFrame) -> pd.DataFrame:
    """Add Holm's adjustment over all systems and tasks of a partition and score."""
    records["p_holm"] = np.nan
    for _, own in records[records["p"].notna()].groupby(["partition", "score"]):
        records.loc[own.index, "p_holm"] = holm(own["p"].tolist())
    return records.astype(dict.fromkeys((*_NO_DIFFERENCE, "p_holm"), float))
