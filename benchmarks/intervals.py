"""How often does a 95% interval of UAR cover the truth, where speakers and dialogs differ by a known amount?

    python benchmarks/intervals.py [--simulations 400] [--resamples 500]

Speakers have four dialogs of twelve utterances, a third of them low, middle and high each. An utterance is
classified rightly with a probability whose log-odds vary between speakers and between dialogs; the true UAR is the
mean of that probability over all speakers and dialogs there could be.

10 speakers    our interval: speakers, their dialogs, their utterances drawn (`attune.evaluation.bootstrap`)
2 speakers     the same of one fold
independent    utterances drawn as if they had nothing to do with each other, 10 speakers
"""

import argparse
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.special import expit
from scipy.stats import norm

from attune.evaluation.bootstrap import Draws, draw, interval, resampled_sums
from attune.evaluation.scores import summands, uar

DIALOGS, UTTERANCES = 4, 12
LOG_ODDS = 0.405  # of .60
CONFIDENCE = 0.95
DIFFERENCES = {
    "not at all": (0.0, 0.0),
    "a little": (0.3, 0.2),
    "clearly": (0.6, 0.4),
    "strongly": (1.0, 0.5),
}
"""Standard deviations of the log-odds between speakers, and between the dialogs of one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=400)
    parser.add_argument("--resamples", type=int, default=500)
    arguments = parser.parse_args()
    columns: dict[str, tuple[int, Callable[..., Draws]]] = {
        "10 speakers": (10, draw),
        "2 speakers": (2, draw),
        "independent": (10, _independent),
    }
    table = Table("speakers and dialogs differ", "sd of log-odds", "true UAR", *columns)
    for name, (between_speakers, between_dialogs) in DIFFERENCES.items():
        truth = _truth(between_speakers, between_dialogs)
        hits = dict.fromkeys(columns, 0)
        for seed in track(range(arguments.simulations), name, transient=True):
            for column, (speakers, drawn) in columns.items():
                test = _Test(speakers, between_speakers, between_dialogs, seed)
                hits[column] += test.covers(truth, drawn, arguments.resamples)
        shares = [f"{100 * count / arguments.simulations:.0f}%" for count in hits.values()]
        table.add_row(name, f"{between_speakers}, {between_dialogs}", f"{truth:.2f}", *shares)
    Console().print(table)


def _truth(between_speakers: float, between_dialogs: float) -> float:
    quantiles = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    return float(expit(LOG_ODDS + quantiles * np.hypot(between_speakers, between_dialogs)).mean())


class _Test:
    """One test set with its predictions."""

    def __init__(self, speakers: int, between_speakers: float, between_dialogs: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        of_speakers = rng.normal(0, between_speakers, (speakers, 1, 1))
        of_dialogs = rng.normal(0, between_dialogs, (speakers, DIALOGS, 1))
        probability = expit(LOG_ODDS + of_speakers + of_dialogs + np.zeros((1, 1, UTTERANCES)))
        self.speaker, self.dialog, number = (index.ravel() for index in np.indices(probability.shape))
        actual = number % 3
        right = rng.random(actual.size) < probability.ravel()
        predicted = np.where(right, actual, (actual + rng.integers(1, 3, actual.size)) % 3)
        self.sums = summands(actual, predicted, actual + 1.0, predicted + 1.0)
        self.seed = seed

    def covers(self, truth: float, drawn: Callable[..., Draws], resamples: int) -> bool:
        draws = drawn(self.speaker, self.dialog, resamples=resamples, seed=self.seed)
        low, high = interval(uar(resampled_sums(self.sums, draws)), CONFIDENCE)
        return low <= truth <= high


def _independent(speakers: np.ndarray, dialogs: np.ndarray, *, resamples: int, seed: int) -> Draws:
    size = np.size(speakers)
    return np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=resamples)


if __name__ == "__main__":
    main()
