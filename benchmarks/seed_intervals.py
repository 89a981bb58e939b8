"""Do the intervals and p values of the published table hold, with one seed or a few, where seeds differ?

    python benchmarks/seed_intervals.py [--simulations 200]

Two systems that are equally good on average answer 480 utterances of ten speakers, who differ a little. The accuracy
of each network varies by a known amount with its seed. "found" is how often p is at most .05 although there is no
difference; "missed" how often the 95% interval of a score leaves out what the system reaches on average over seeds.
"""

import argparse

import numpy as np
import pandas as pd

from attune.evaluation.paper_table import table
from attune.params import Evaluate
from attune.tasks import Task

SPEAKERS, DIALOGS, UTTERANCES = 10, 4, 12
ACCURACY, OF_SPEAKERS = 0.6, 0.05
TASK = (Task("arousal"),)
SYSTEMS = ("stl", "mtl")


def predictions(rng: np.random.Generator, seeds: int, deviation: float) -> pd.DataFrame:
    """Rows of both systems; every network is right with a probability of its own."""
    speaker, dialog, number = (index.ravel() for index in np.indices((SPEAKERS, DIALOGS, UTTERANCES)))
    actual, ease = number % 3, rng.normal(0, OF_SPEAKERS, SPEAKERS)[speaker]
    people = {"speaker": speaker, "dialog": speaker * DIALOGS + dialog, "utterance": np.arange(actual.size)}
    found = []
    for system in SYSTEMS:
        for seed in range(seeds):
            right = rng.random(actual.size) < ACCURACY + ease + rng.normal(0, deviation)
            predicted = np.where(right, actual, (actual + rng.integers(1, 3, actual.size)) % 3)
            answers = {"system": system, "seed": seed, "partition": "test", "task": "arousal", **people}
            answers |= {"predicted": predicted, "actual": actual, "rating": 1.0 + actual, "score": 1.0 + predicted}
            found.append(pd.DataFrame(answers))
    return pd.concat(found, ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=200)
    trials = parser.parse_args().simulations
    for deviation in (0.0, 0.02, 0.05):
        for seeds in (1, 3, 5):
            found = missed = 0
            for trial in range(trials):
                rows = predictions(np.random.default_rng([trial, 23]), seeds, deviation)
                records = table(rows, Evaluate(resamples=300), TASK).query("score == 'uar'").set_index("system")
                own = records.loc["mtl"]
                found += own["p"] <= 0.05
                missed += not own["low"] <= ACCURACY <= own["high"]
            shares = f"found {100 * found / trials:.1f} %, missed {100 * missed / trials:.1f} %"
            print(f"accuracy varies by {100 * deviation:.0f} points, {seeds} seeds: {shares}", flush=True)


if __name__ == "__main__":
    main()
