"""How often do the tests behind the scores reach a verdict: where there is nothing to find, and where there is?

    python benchmarks/score_simulation.py

A simulated system answers 480 utterances of ten speakers in five sessions. Its probabilities are exactly true, speakers
and sessions are alike, its predicted rating is the best that is linear in its logits, and trained on half of the data
it does as well; then one of these is changed. Against the ceiling stands the best predictor that there can be.
"""

import argparse
from collections import Counter
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from attune.evaluation.bootstrap import draw
from attune.evaluation.depth.findings import findings
from attune.evaluation.depth.learning import Point, curve
from attune.evaluation.depth.tables import Depth, adjusted, look_deeper
from attune.evaluation.scores import summands
from attune.evaluation.scoring import score_partitions
from attune.params import Evaluate
from attune.tasks import PAPER

Array = NDArray[np.float64]

SPEAKERS, DIALOGS, EACH = 10, 4, 12
COUNT = SPEAKERS * DIALOGS * EACH
RATERS, RATER_NOISE = 3, 0.6
BLUR = 0.5
"""Deviation of what blurs the logits of a system whose training data are counted."""
TASK = PAPER[0]
DEVIATION = 1.2
CENTRES = np.array([1.5, 3.0, 4.5])
"""Ratings in the middle of each class."""

SILENT = {
    "calibration": ["its probabilities are accurate"],
    "sessions-uar": ["makes no difference"],
    "sessions-ccc": ["makes no difference"],
    "speaker-worst": ["no more than chance"],
    "speaker-best": ["no more than chance"],
    "regression": ["the predicted value is as good"],
    "learning": ["make no difference"],
    "ceiling": ["may be label noise alone", "as much as these labels allow"],
}
"""By kind of finding, the words of one that found nothing."""


def simulated(trial: int, planted: str, effect: float) -> pd.DataFrame:
    """Test and development rows of one system and task."""
    rng = np.random.default_rng([trial, 11])
    parts = [_partition(rng, name, planted, effect) for name in ("development", "test")]
    return pd.concat(parts, ignore_index=True)


def _partition(rng: np.random.Generator, partition: str, planted: str, effect: float) -> pd.DataFrame:
    count, number = COUNT, np.arange(COUNT)
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
    if planted == "dialogs":  # nor, whoever speaks, what is meant in half of the dialogs
        hard = (rng.random(COUNT // EACH) < 0.5)[dialog]
        true[hard] = (1 - effect) * true[hard] + effect / 3
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


def rated(trial: int, planted: str, effect: float) -> pd.DataFrame:
    """Test rows of the best predictor of what three raters say on average; with an effect it guesses so often."""
    rng = np.random.default_rng([trial, 13])
    felt = rng.normal(3, 1, COUNT)
    given = _ratings(rng, felt)
    said = _best_rule()[_place(felt)]
    guesses = rng.random(COUNT) < (effect if planted == "ceiling" else 0)
    said = np.where(guesses, rng.integers(0, 3, COUNT), said)
    rows = simulated(trial, "nothing", 0)
    rating = given.mean(axis=1)
    judged = {"raters": float(RATERS), "spread": given.std(axis=1, ddof=1), "rating": rating, "predicted": said}
    return rows[rows["partition"] == "test"].assign(actual=TASK.to_class(rating), **judged)


def _ratings(rng: np.random.Generator, felt: Array) -> Array:
    return np.clip(np.rint(felt[:, None] + rng.normal(0, RATER_NOISE, (len(felt), RATERS))), 1, 5)


def _place(felt: Array) -> NDArray[np.intp]:
    return np.clip(np.rint(felt * 20), 0, 120).astype(np.intp)


@cache
def _best_rule() -> NDArray[np.intp]:
    """By what is felt, the class whose own share of it is largest: what UAR rewards."""
    rng = np.random.default_rng(6)
    felt = rng.normal(3, 1, 2_000_000)
    actual = TASK.to_class(_ratings(rng, felt).mean(axis=1))
    counts = np.stack([np.bincount(_place(felt[actual == number]), minlength=121) for number in range(3)], 1)
    return np.asarray((counts / counts.sum(axis=0)).argmax(axis=1))


def learnt(trial: int, planted: str, effect: float) -> pd.DataFrame:
    """The learning curve of a system that answers alike after half of the training data; with an effect, worse."""
    rng = np.random.default_rng([trial, 17])
    speaker, dialog = np.arange(COUNT) // (DIALOGS * EACH), np.arange(COUNT) // EACH
    logits = rng.normal(0, DEVIATION, (COUNT, 3))
    actual = (softmax(logits, axis=1).cumsum(axis=1) > rng.random((COUNT, 1))).argmax(axis=1)
    points = []
    for share, blur in ((0.5, BLUR + (effect if planted == "learning" else 0)), (1.0, BLUR)):
        said = (logits + rng.normal(0, blur, logits.shape)).argmax(axis=1)
        points.append(Point(share, 400 * share, summands(actual, said, actual, actual)))
    draws = draw(speaker, dialog, resamples=200, seed=trial)
    table = pd.DataFrame([{"system": "mtl-att", "task": TASK.name, **row} for row in curve(points, draws, 0.95)])
    return adjusted(table, "over_p", "share")


def verdicts(*, trials: int, planted: str, effect: float) -> dict[str, float]:
    """Share of trials in which each kind of finding says that there is something."""
    settings, counts = Evaluate(resamples=200), Counter[str]()
    for trial in range(trials):
        rows, judged = simulated(trial, planted, effect), rated(trial, planted, effect)
        depth = look_deeper(rows, (TASK,), settings)._replace(learning=learnt(trial, planted, effect))
        counts += _said(rows, depth, settings, set(SILENT) - {"ceiling"})
        counts += _said(judged, look_deeper(judged, (TASK,), settings), settings, {"ceiling"})
    return {kind: counts[kind] / trials for kind in SILENT}


def _said(rows: pd.DataFrame, depth: Depth, settings: Evaluate, kinds: set[str]) -> Counter[str]:
    scores = score_partitions(rows, settings, (TASK,))
    told = [found for found in findings(depth, scores) if found.kind in kinds]
    return Counter(
        one.kind for one in told if not any(words in one.sentence for words in [*SILENT[one.kind], "undecided"])
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--planted", nargs="+", help="only these, such as learning")
    given = parser.parse_args()
    trials = given.trials
    planned = [("nothing", 0.0), ("calibration", 0.5), ("sessions", 2.0), ("speakers", 0.8), ("regression", 0.6)]
    planned += [("regression", 2.0), ("learning", 1.0), ("ceiling", 0.3), ("dialogs", 0.8)]
    for planted, effect in (one for one in planned if not given.planted or one[0] in given.planted):
        found = verdicts(trials=trials, planted=planted, effect=effect)
        told = ", ".join(f"{kind} {100 * share:.1f} %" for kind, share in found.items())
        print(f"planted: {planted} {effect:g}: {told}", flush=True)


if __name__ == "__main__":
    main()
