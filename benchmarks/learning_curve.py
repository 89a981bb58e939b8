"""Would more data help? Test UAR and CCC with a part of the training dialogs.

    python benchmarks/learning_curve.py [--system mtl-att] [--folds session1 ...] [--shares 0.25 0.5 1]

Trains on data/store (after `dvc repro preprocess`) with a share of the dialogs of each training session; development
and test stay as they are, and a smaller share is part of every larger one. Folds are those of params.yaml unless named.
What is done already, in benchmarks/out, is not done again, and an interrupted training run goes on where it was.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from attune import params
from attune.artifacts.utterances import ACCEPTED
from attune.corpus.protocols import partition
from attune.evaluation.bootstrap import draw, interval, resampled_sums
from attune.evaluation.depth.learning import thinned
from attune.evaluation.scores import SCORES, summands
from attune.params import Evaluate
from attune.tasks import PAPER, TASKS

OUT = Path("benchmarks/out/learning_curve")
STORE = ["--store", "data/store"]
SHOWN = ("uar", "ccc")


def attune(*arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).with_name("attune")), *arguments], check=True)


def without(utterances: pd.DataFrame, protocol: str, fold: str, share: float, seed: int = 1) -> pd.DataFrame:
    """Utterances without those of a part of the training dialogs, session by session; at least one dialog stays."""
    train = partition(utterances, protocol, fold).train
    out = set(train["utterance"]) - set(thinned(train, share, seed)["utterance"])
    return utterances[~utterances["utterance"].isin(out)]


def predictions(system: str, fold: str, share: float) -> tuple[pd.DataFrame, int]:
    """Test predictions of a network that was trained on this share, and on how many utterances that was."""
    settings = params.load("params.yaml")
    folder = OUT / system / f"{share:g}" / fold
    few = without(ACCEPTED.read(Path("data/validated")), settings.protocol, fold, share)
    if not (folder / "predictions").exists():
        (folder / "validated").mkdir(parents=True, exist_ok=True)
        ACCEPTED.write(folder / "validated", few)
        data = ["--validated", str(folder / "validated"), *STORE]
        given = ["--params", json.dumps(settings.model_dump(mode="json", by_alias=True))]
        checkpoints = ["--checkpoints", str(folder / "checkpoints")]
        attune("train", *given, "--system", system, "--fold", fold, *data, *checkpoints, "--out", str(folder / "model"))
        attune("predict", *given, "--model", str(folder / "model"), *data, "--out", str(folder / "predictions"))
    rows = pd.read_parquet(folder / "predictions" / "predictions.parquet").query("partition == 'test'")
    return rows, len(partition(few, settings.protocol, fold).train)


def scored(rows: pd.DataFrame, utterances: pd.DataFrame, settings: Evaluate) -> pd.DataFrame:
    """``task, score, value, low, high`` of test predictions, pooled over folds."""
    about = utterances.set_index("utterance")
    found = []
    for task in TASKS:
        own = rows[rows["task"] == task].sort_values("utterance")
        who = about.loc[own["utterance"]]
        draws = draw(who["speaker"], who["dialog"], resamples=settings.resamples, seed=settings.seed)
        summed = summands(PAPER[0].to_class(who[task]), own["predicted"], who[task], own["score"])
        resampled = resampled_sums(summed, draws)
        for name in SHOWN:
            low, high = interval(SCORES[name](resampled), settings.confidence)
            value = float(SCORES[name](summed.sum(axis=0)))
            found.append({"task": task, "score": name, "value": value, "low": low, "high": high})
    return pd.DataFrame(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--system", default="mtl-att")
    parser.add_argument("--folds", nargs="+")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.25, 0.5, 1.0])
    chosen = parser.parse_args()
    settings = params.load("params.yaml")
    utterances = ACCEPTED.read(Path("data/validated"))
    tables = []
    for share in chosen.shares:
        cells = [predictions(chosen.system, fold, share) for fold in chosen.folds or settings.folds]
        size = round(float(np.mean([number for _, number in cells])))
        table = scored(pd.concat([rows for rows, _ in cells]), utterances, settings.evaluate)
        tables.append(table.assign(share=share, training=size))
        for row in table.itertuples():
            spread = f"{row.value:.3f} ({row.low:.3f} to {row.high:.3f})"
            print(f"{share:g} ({size} utterances), {row.task} {row.score}: {spread}")
    pd.concat(tables).to_csv(OUT / f"{chosen.system}.csv", index=False)


if __name__ == "__main__":
    main()
