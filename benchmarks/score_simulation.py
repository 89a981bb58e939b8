"""How often do the tests behind the scores reach a verdict: where there is nothing to find, and where there is?

    python benchmarks/score_simulation.py

A simulated system answers 480 utterances of ten speakers in five sessions. Its probabilities are exactly true, speakers
and sessions are alike, and its predicted rating is the best that is linear in its logits; then one of these is changed.
"""

import argparse
from collections import Counter
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from attune.evaluation.depth.findings import findings
from attune.evaluation.depth.tables import look_deeper
from attune.evaluation.scoring import score_partitions
from attune.params import Evaluate
from attune.tasks import PAPER

Array = NDArray[np.float64]

SPEAKERS, DIALOGS, EACH = 10, 4, 12
TASK = PAPER[0]
DEVIATION = 1.2
CENTRES = np.array([1.5, 3.0, 4.5])
"""Ratings in the middle of each class."""

SILENT = {
    "calibration": "probabilities are true",
    "sessions-uar": "makes no difference",
    "speaker-worst": "no more than chance",
    "speaker-best": "no more than chance",
    "regression": "does as well",
}
"""By kind of finding, the words of one that found nothing."""


def simulated(trial: int, planted: str, effect: float) -> pd.DataFrame:
    """Test and development rows of one system and task."""
    rng = np.random.default_rng([trial, 11])
    parts = [_partition(rng, name, planted, effect) for name in ("development", "test")]
    return pd.concat(parts, ignore_index=True)


def _partition(rng: np.random.Generator, partition: str, planted: str, effect: float) -> pd.DataFrame:
    count = SPEAKERS * DIALOGS * EACH
    number = np.arange(count)
    speaker, dialog = number // (DIALOGS * EACH), number // EACH
    session = speaker // 2
    logits = rng.normal(0, DEVIATION, (count, 3))
    meant = logits.copy()
    if planted == "sessions":  # each session's labels are shifted, and its network knows
        shift = effect * np.linspace(-1, 1, 5)[session]
        meant += np.outer(shift, [-1, 0, 1])
        logits = meant
    true = softmax(meant, axis=1)
    if planted == "speakers":  # nobody can tell what the first speaker means
        true[speaker == 0] = (1 - effect) * true[speaker == 0] + effect / 3
    actual = (true.cumsum(axis=1) > rng.random((count, 1))).argmax(axis=1)
    said = softmax(logits * (1 + effect if planted == "calibration" else 1), axis=1)
    rating = CENTRES[actual] + rng.uniform(-0.4, 0.4, count)
    score = _best_line(logits)
    if planted == "regression":  # far too careful
        score = score.mean() + (score - score.mean()) / (1 + effect)
    prefix = partition[0]
    return pd.DataFrame(
        {
            **{"system": "mtl-att", "task": TASK.name, "partition": partition},
            **{"fold": [f"session{s + 1}" for s in session], "utterance": [f"{prefix}{n:03d}" for n in number]},
            **dict(zip(TASK.classes, said.T, strict=True)),
            **{"predicted": said.argmax(axis=1), "score": score},
            **{"actual": actual, "rating": rating, "raters": np.nan, "spread": np.nan},
            **{"speaker": [f"s{s}" for s in speaker], "dialog": [f"{prefix}d{d}" for d in dialog]},
        }
    )


def _best_line(logits: Array) -> Array:
    """The rating that a regression on logits gives, had it been fitted to endlessly many utterances."""
    design = np.column_stack([np.ones(len(logits)), logits])
    return design @ _line()


@cache
def _line() -> Array:
    rng = np.random.default_rng(5)
    logits = rng.normal(0, DEVIATION, (400_000, 3))
    design = np.column_stack([np.ones(len(logits)), logits])
    coefficients: Array = np.linalg.lstsq(design, softmax(logits, axis=1) @ CENTRES, rcond=None)[0]
    return coefficients


def verdicts(*, trials: int, planted: str, effect: float) -> dict[str, float]:
    """Share of trials in which each kind of finding says that there is something."""
    settings, counts = Evaluate(resamples=200), Counter[str]()
    for trial in range(trials):
        rows = simulated(trial, planted, effect)
        scores = score_partitions(rows, settings, (TASK,))
        for found in findings(look_deeper(rows, (TASK,), settings), scores):
            if found.kind in SILENT:
                counts[found.kind] += SILENT[found.kind] not in found.sentence and "undecided" not in found.sentence
    return {kind: counts[kind] / trials for kind in SILENT}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=200)
    trials = parser.parse_args().trials
    planned = [("nothing", 0.0), ("calibration", 0.5), ("sessions", 2.0), ("speakers", 0.8), ("regression", 2.0)]
    for planted, effect in planned:
        found = verdicts(trials=trials, planted=planted, effect=effect)
        told = ", ".join(f"{kind} {100 * share:.1f} %" for kind, share in found.items())
        print(f"planted: {planted} {effect:g}: {told}", flush=True)


if __name__ == "__main__":
    main()
