"""How much audio does a registered model score in a minute?

    python benchmarks/scoring.py [--files 200] [--folds 5] [--threads 2] [--rounds 2]

one at a time    a request per file
batches          what `attune score` does: 64 files at once, put together by length

Files are noise, as long as IEMOCAP's utterances are (lognormal, mean 4.5 s); speed does not depend on what is said,
nor on the weights, which are untrained. Decoding is included. The two take turns; each one's best round counts.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import soundfile
import torch
from rich.console import Console
from rich.table import Table

from attune.model import bundle, systems
from attune.registry import package
from attune.serving import batch_scoring
from attune.serving.listing import Item
from attune.tasks import TASKS
from attune.tracking import client

RATE = 16_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    client.quieten()
    with tempfile.TemporaryDirectory() as name:
        model = _model(Path(name), arguments.folds)
        paths, hours = _files(Path(name), arguments.files)
        best = {"one at a time": float("inf"), "batches": float("inf")}
        for _ in range(arguments.rounds):
            best["one at a time"] = min(best["one at a time"], _seconds(model, [[path] for path in paths]))
            best["batches"] = min(best["batches"], _seconds(model, list(batch_scoring.batches(paths))))
    table = Table(
        "",
        "seconds",
        "hours of audio per minute",
        title=f"{len(paths)} files, {hours:.2f} h; {arguments.folds} folds, {arguments.threads} threads",
    )
    for form, seconds in best.items():
        table.add_row(form, f"{seconds:.1f}", f"{60 * hours / seconds:.2f}")
    Console().print(table)


def _model(folder: Path, folds: int) -> Any:
    """An ensemble of untrained multi-task networks with attention, saved and loaded as a registered one is."""
    values: Any = {task: [1.5, 3.0, 4.5] for task in TASKS}
    weights = {}
    for number in range(1, folds + 1):
        fold = f"session{number}"
        network = systems.named("mtl-att").build(systems.JOINT, dropout=0.0, seed=number)
        weights[fold] = folder / "folds" / fold
        weights[fold].mkdir(parents=True)
        about = bundle.Description("loso5", "mtl-att", fold, 0.0, 0.1, values, number, {systems.JOINT: 1})
        bundle.save(weights[fold], about, {systems.JOINT: network.state_dict()})
    with package.arguments(weights) as packed:
        mlflow.pyfunc.save_model(folder / "model", **packed)
    return mlflow.pyfunc.load_model(str(folder / "model"))


def _files(folder: Path, count: int) -> tuple[list[Item], float]:
    generator = np.random.default_rng(0)
    seconds = generator.lognormal(np.log(3.5), 0.7, count).clip(0.6, 34)
    paths = [folder / f"{number:05d}.wav" for number in range(count)]
    for path, length in zip(paths, seconds, strict=True):
        soundfile.write(path, generator.normal(0, 0.05, int(length * RATE)), RATE, subtype="PCM_16")
    return [Item(path) for path in paths], float(seconds.sum()) / 3600


def _seconds(model: Any, batches: list[list[Path]]) -> float:
    began = time.perf_counter()
    for batch in batches:
        batch_scoring.score(model, batch)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
