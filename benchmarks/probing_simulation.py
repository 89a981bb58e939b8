"""How often do the tests of probing reach a verdict: where there is nothing to find, and where something was planted?

    python benchmarks/probing_simulation.py

A verdict needs both an interval without zero and p of at most .05. A test partition has 480 utterances of ten speakers.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import pandas as pd

from attune.attention.findings import verdict
from attune.attention.ranks import correlations, stretched
from attune.evaluation.bootstrap import draw
from attune.evaluation.clustered import Clustered, Entry
from attune.tasks import PAPER
from benchmarks.attention_simulation import LEVEL, Array, utterance

RESAMPLES = 500
SPEAKERS, DIALOGS, EACH = 10, 4, 12
OTHERS = 24
TASK = PAPER[0].name


class Partition:
    """Simulated test utterances: who speaks each, its true class."""

    def __init__(self, trial: int) -> None:
        self.rng = np.random.default_rng([trial, 7])
        count = SPEAKERS * DIALOGS * EACH
        self.speaker, self.dialog = np.arange(count) // (DIALOGS * EACH), np.arange(count) // EACH
        self.names = pd.Index([f"u{number:03d}" for number in range(count)])
        self.actual = self.rng.integers(0, 3, count)
        draws = draw(self.speaker, self.dialog, resamples=RESAMPLES, seed=trial)
        actual = pd.DataFrame({TASK: self.actual}, index=self.names)
        who = pd.DataFrame({"speaker": self.speaker, "dialog": self.dialog}, index=self.names)
        self.clustered = Clustered(self.names, draws, 1 - LEVEL, actual, who=who)

    def mean(self, chosen: Sequence[int], values: Array) -> Entry:
        return self.clustered.mean(pd.Series(values, index=self.names[list(chosen)]))

    def chosen(self, number: int) -> list[int]:
        return self.rng.permutation(len(self.names))[:number].tolist()


def decided(entry: Entry) -> bool:
    return verdict(entry | {"p_holm": entry["p"]}) in ("more", "less")


def means(*, trials: int, utterances: int, effect: float, speakers: float) -> float:
    """Share of trials in which a mean over few utterances, such as what masking costs more, gets a verdict.

    Args:
        effect: the mean, in standard deviations within speakers.
        speakers: how much speakers differ, likewise.
    """
    found = 0
    for trial in range(trials):
        tested = Partition(trial)
        chosen = tested.chosen(utterances)
        own = speakers * tested.rng.normal(size=SPEAKERS)[tested.speaker[chosen]]
        found += decided(tested.mean(chosen, effect + own + tested.rng.normal(size=utterances)))
    return found / trials


def reweighing(*, trials: int, effect: float, speakers: float) -> float:
    """Share of trials in which other weights get a verdict.

    Args:
        effect: how much likelier the learnt weights are right than the others, which are right in half of all cases.
        speakers: how much that differs between speakers, as a standard deviation.
    """
    found = 0
    for trial in range(trials):
        tested = Partition(trial)
        rng, count = tested.rng, len(tested.names)
        alike = rng.random(count) < 0.6  # most answers do not change
        gain = effect + speakers * rng.normal(size=SPEAKERS)[tested.speaker]
        first, second = rng.random(count), rng.random(count)
        right = {"learnt": first < 0.5 + gain / 2, "other": np.where(alike, first, second) < 0.5 - gain / 2}
        wrong = (tested.actual + rng.integers(1, 3, count)) % 3
        said = {name: pd.Series(np.where(own, tested.actual, wrong), index=tested.names) for name, own in right.items()}
        found += decided(tested.clustered.difference(TASK, said["learnt"], said["other"]))
    return found / trials


def agreement(*, trials: int, utterances: int, effect: float) -> dict[str, float]:
    """Share of trials in which attention is said to agree with something that prefers the same places as it does.

    ``over``: against what other utterances' attention gives. ``zero``: against zero, which does not fit.
    """
    counts = {"over": 0, "zero": 0}
    for trial in range(trials):
        tested = Partition(trial)
        pairs = [utterance(tested.rng, effect) for _ in range(utterances)]
        chosen = tested.chosen(utterances)
        own, over = np.zeros(utterances), np.zeros(utterances)
        for number, (heard, weights) in enumerate(pairs):
            strangers = [utterance(tested.rng, effect)[1] for _ in range(OTHERS)]
            series = [weights, *(stretched(other, len(weights)) for other in strangers)]
            found = correlations(np.stack(series), heard.energy[None])[:, 0]
            own[number], over[number] = found[0], found[0] - found[1:].mean()
        counts["over"] += decided(tested.mean(chosen, over))
        counts["zero"] += decided(tested.mean(chosen, own))
    return {name: count / trials for name, count in counts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=400)
    trials = parser.parse_args().trials
    for utterances in (8, 30):
        for effect in (0.0, 0.5, 1.0):
            shares = [means(trials=trials, utterances=utterances, effect=effect, speakers=by) for by in (0.0, 0.5)]
            told = f"{100 * shares[0]:.1f} %, where speakers differ {100 * shares[1]:.1f} %"
            print(f"mean of {utterances} utterances, effect {effect:.1f}: {told}", flush=True)
    for effect in (0.0, 0.05, 0.1):
        shares = [reweighing(trials=trials, effect=effect, speakers=by) for by in (0.0, 0.05)]
        told = f"{100 * shares[0]:.1f} %, where speakers differ {100 * shares[1]:.1f} %"
        print(f"other weights, {100 * effect:.0f} points worse: {told}", flush=True)
    for utterances in (8, 30):
        for effect in (0.0, 0.5, 1.0):
            found = agreement(trials=trials // 2, utterances=utterances, effect=effect)
            told = ", ".join(f"{name} {100 * share:.1f} %" for name, share in found.items())
            print(f"agreement over {utterances} utterances, effect {effect:.1f}: {told}", flush=True)


if __name__ == "__main__":
    main()
