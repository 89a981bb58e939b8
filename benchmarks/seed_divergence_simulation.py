"""How often are tasks said to differ by more than seeds, where they do not, and where that was planted?

    python benchmarks/seed_divergence_simulation.py

Five folds of three seeds and three tasks. A network prefers some positions, whatever the utterance; what it prefers is
the sum of what its task, its seed, and both together prefer. The last column takes utterances, not folds, for
independent.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.stats import ttest_1samp

from attune.attention.findings import SIGNIFICANT
from attune.attention.seeds import ALL, DIFFERENCES, KINDS, apart, summarise
from attune.evaluation.bootstrap import holm

FOLDS, SEEDS, TASKS, WINDOWS = 5, 3, ("arousal", "valence", "dominance"), 40
SMOOTH = 3


def rates(*, trials: int, utterances: int, of_tasks: float, of_seeds: float) -> dict[str, float]:
    """Share of trials in which each difference has p of at most .05.

    Args:
        utterances: in each fold.
        of_tasks, of_seeds: how strongly tasks, and seeds, prefer positions of their own, in standard deviations of what
            each network prefers by itself.
    """
    counts = dict.fromkeys((*DIFFERENCES, "utterances"), 0)
    for trial in range(trials):
        rows = simulated(np.random.default_rng([trial, 14]), utterances, of_tasks, of_seeds)
        (record,) = (one for one in summarise(rows, 0.95, holm) if one["task"] is ALL)
        for name in DIFFERENCES:
            counts[name] += record[name]["p"] <= SIGNIFICANT
        each = rows.groupby(["fold", "utterance"])[list(KINDS)].mean()
        counts["utterances"] += ttest_1samp(each["tasks"] - each["seeds"], 0).pvalue <= SIGNIFICANT
    return {name: found / trials for name, found in counts.items()}


def simulated(rng: np.random.Generator, utterances: int, of_tasks: float, of_seeds: float) -> pd.DataFrame:
    """Return a system's rows for `summarise`."""
    tables = []
    tasks = of_tasks * smooth(rng, len(TASKS))
    for fold in range(FOLDS):
        own = smooth(rng, SEEDS * len(TASKS)).reshape(SEEDS, len(TASKS), WINDOWS)
        prefers = own + tasks + of_seeds * smooth(rng, SEEDS)[:, None]
        for utterance in range(utterances):
            scores = prefers + smooth(rng, SEEDS * len(TASKS)).reshape(prefers.shape)
            weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
            found = apart([dict(zip(TASKS, seed, strict=True)) for seed in weights])
            about = {"system": "mtl-att", "trained": SEEDS, "fold": fold, "utterance": f"{fold}-{utterance}"}
            tables += [about | {"task": task} | kinds for task, kinds in found.items()]
    return pd.DataFrame(tables)


def smooth(rng: np.random.Generator, number: int) -> np.ndarray:
    """Return smooth series of mean square one: (number, WINDOWS)."""
    series = gaussian_filter1d(rng.normal(size=(number, WINDOWS)), SMOOTH, axis=1, mode="wrap")
    return series / np.sqrt(np.mean(series**2, axis=1, keepdims=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=200)
    trials = parser.parse_args().trials
    for of_tasks, of_seeds in ((0.0, 0.0), (0.0, 1.0), (0.5, 0.0), (1.0, 0.0)):
        found = rates(trials=trials, utterances=8, of_tasks=of_tasks, of_seeds=of_seeds)
        told = ", ".join(f"{name} {100 * share:.1f} %" for name, share in found.items())
        print(f"tasks {of_tasks:.1f}, seeds {of_seeds:.1f}: {told}", flush=True)


if __name__ == "__main__":
    main()
