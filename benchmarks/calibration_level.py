"""How often is calibration error found too large where probabilities are true, but some speakers are easier to hear?

    python benchmarks/calibration_level.py

Log-odds of a right answer differ between speakers; over all of them, each confidence is the share that is right.
"""

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from attune.evaluation.depth import calibration

Array = NDArray[np.float64]

SPREADS = (0.0, 0.6, 1.2)
"""Standard deviations of speakers' log-odds."""
_ODDS = np.linspace(-6, 9, 400)
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)


def false_alarms(spread: float, *, speakers: int = 10, each: int = 30, trials: int = 400) -> float:
    """Return the share of trials with p of at most .05."""
    sure = np.tile(np.linspace(0.36, 0.97, each), speakers)
    probabilities = np.column_stack([sure, (1 - sure) / 2 + 0.01, (1 - sure) / 2 - 0.01])
    who, odds = np.repeat(np.arange(speakers), each), _odds(sure, spread)
    found = []
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        right = rng.random(len(sure)) < expit(odds + rng.normal(0, spread, speakers)[who])
        summed = calibration.summands(probabilities, np.where(right, 0, 1))
        null = calibration.ece_by_chance(summed, who, rounds=199, seed=trial)
        found.append((null >= calibration.ece(summed.sum(axis=0)) - 1e-12).sum() + 1 <= 0.05 * (len(null) + 1))
    return float(np.mean(found))


def _odds(shares: Array, spread: float) -> Array:
    """Return the log-odds at which speakers who differ by `spread` are right in these shares of all answers."""
    by_odds = expit(_ODDS[:, None] + spread * _NODES) @ _WEIGHTS / _WEIGHTS.sum()
    return np.interp(shares, by_odds, _ODDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=2000)
    trials = parser.parse_args().trials
    for speakers, each in ((10, 48), (10, 12), (6, 48), (30, 12)):
        found = [f"{100 * false_alarms(one, speakers=speakers, each=each, trials=trials):.1f} %" for one in SPREADS]
        print(f"{speakers} speakers, {each} utterances each: {', '.join(found)}", flush=True)


if __name__ == "__main__":
    main()
