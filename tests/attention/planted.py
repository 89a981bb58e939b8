"""Attention that was planted: on the cue, on loud or quiet windows, uniform, at random."""

import numpy as np
import pandas as pd

from attune.attention.fits import fit
from attune.attention.measures import measure
from attune.attention.summary import Means, summarise
from attune.evaluation.bootstrap import draw, holm, mean
from attune.tasks import TASKS

UTTERANCES = [f"u{i:02d}" for i in range(60)]


def level(known):
    return (known.energy - known.energy.mean()) / known.energy.std()


PLANTED = {
    "cue": lambda known, rng: known.cue.astype(float),
    "loud": lambda known, rng: np.exp(level(known)),
    "quiet": lambda known, rng: np.exp(-level(known)),
    "uniform": lambda known, rng: np.ones(len(known.energy)),
    "middle": lambda known, rng: np.exp(-(np.linspace(-3, 3, len(known.energy)) ** 2)),
    "random": lambda known, rng: rng.random(len(known.energy)),
}


def planted(rng, kind, known):
    weights = PLANTED[kind](known, rng)
    return (weights / weights.sum()).astype(np.float32)


def rows_of(heard, kinds, system="mtl-att"):
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        [
            {
                "system": system,
                "fold": "session1",
                "utterance": u,
                "task": task,
                "weights": planted(rng, kind, heard[u]),
            }
            for u in heard
            for task, kind in zip(TASKS, kinds, strict=True)
        ]
    )


def means_of(utterances, rounds=199):
    order = sorted(utterances)
    draws = draw([u[1] for u in order], [u[1] for u in order], resamples=200, seed=1)
    speakers = len({u[1] for u in order})

    def estimate(values, share):
        return mean(values.reindex(order), draws, 0.95, speakers if share else None)

    return Means(estimate, holm, rounds=rounds, seed=1, confidence=0.95)


def weights_of(rows):
    found = {}
    for row in rows.itertuples():
        found.setdefault(row.utterance, {})[row.task] = np.asarray(row.weights, dtype=float)
    return found


def summary_of(heard, kinds, rounds=199):
    rows = rows_of(heard, kinds)
    fits = {"mtl-att": fit(weights_of(rows), heard)}
    return summarise(measure([rows], heard, fits), fits, means_of(heard, rounds))["mtl-att"].measures
