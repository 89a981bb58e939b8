"""How good is a system over several seeds, and how much do seeds differ?

    python benchmarks/seeds.py [--system mtl-att] [--seeds 1 2 3] [--at-once 1] [--train '{"recipe": "paper"}']

Trains and predicts every fold of params.yaml with each seed on data/store (after `dvc repro preprocess`), and prints
the pooled test UAR by task. What is done already, in benchmarks/out, is not done again.
"""

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from attune import params
from attune.tasks import PAPER, TASKS

OUT = Path("benchmarks/out/seeds")
DATA = ["--validated", "data/validated", "--store", "data/store"]


def attune(*arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).with_name("attune")), *arguments], check=True)


def predictions(system: str, fold: str, seed: int, train: dict) -> Path:
    """Train and predict a fold, unless that is done."""
    section = {**train, "seed": seed}
    folder = OUT / system / "".join(c if c.isalnum() else "-" for c in json.dumps(section)) / fold
    out = folder / "predictions"
    if not out.exists():
        values = params.load("params.yaml").model_dump(mode="json", by_alias=True) | {"train": section}
        given = ["--params", json.dumps(values)]
        model = ["--system", system, "--fold", fold, "--checkpoints", str(folder / "checkpoints")]
        attune("train", *given, *model, *DATA, "--out", str(folder / "model"))
        attune("predict", *given, "--model", str(folder / "model"), *DATA, "--out", str(out))
    return out / "predictions.parquet"


def uar(tables: list[pd.DataFrame], ratings: pd.DataFrame) -> list[float]:
    """Pooled test UAR in % of each task."""
    found = pd.concat(tables).query("partition == 'test'")
    scores = []
    for task in TASKS:
        own = found[found["task"] == task]
        actual = PAPER[0].to_class(ratings.loc[own["utterance"], task])
        hits = own["predicted"].to_numpy() == actual
        scores.append(100 * float(np.mean([hits[actual == one].mean() for one in np.unique(actual)])))
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--system", default="mtl-att")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--train", type=json.loads, default={}, help="keys of `train` that differ from the defaults")
    chosen = parser.parse_args()
    folds = params.load("params.yaml").folds
    cells = [(chosen.system, fold, seed, chosen.train) for seed in chosen.seeds for fold in folds]
    with ThreadPoolExecutor(chosen.at_once) as pool:
        paths = list(pool.map(lambda cell: predictions(*cell), cells))
    ratings = pd.read_parquet("data/validated/utterances.parquet").set_index("utterance")
    rows = []
    for number, seed in enumerate(chosen.seeds):
        tables = [pd.read_parquet(path) for path in paths[number * len(folds) : (number + 1) * len(folds)]]
        rows.append(uar(tables, ratings))
        print(f"{chosen.system} seed {seed}: " + " / ".join(f"{score:.1f}" for score in rows[-1]))
    means = np.mean(rows, axis=1)
    spread = f", sd over seeds {means.std(ddof=1):.1f}" if len(means) > 1 else ""
    print(f"mean {np.mean(rows, axis=0).round(1)}: {means.mean():.1f}{spread}")


if __name__ == "__main__":
    main()
