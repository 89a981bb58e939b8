"""Peak memory and processor time of `predict`, `evaluate`, `attention` and `report` as the corpus grows.

    python benchmarks/step_memory.py [--hours 1 10 50] [--steps evaluate report]

The synthetic corpus, four utterances of each speaker, goes through corpus, validate and preprocess. Each utterance is
then made three times as long, which is the 4.4 seconds of IEMOCAP's, and all of them are repeated under new names until
there are so many hours. The network is replaced by one that answers at once, because
its own memory depends on the longest utterance and not on how many there are. Each step runs in a process of its own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from attune.artifacts.history import HISTORY
from attune.artifacts.utterances import ACCEPTED
from attune.model import bundle, systems
from attune.model.bundle import Description, Prediction
from attune.model.probing import Probe
from attune.params import Params
from attune.signal import Waveform, window_count
from attune.storage import sums
from attune.tasks import TASKS
from attune.training.history import Epoch
from attune.waveform.store import Store, pack

SYSTEM, SESSIONS = "mtl-att", 5
FOLDS = [f"session{number}" for number in range(1, SESSIONS + 1)]
STEPS = ("predict", "evaluate", "attention", "report")
LONGER = 3
DIALOG = 24
"""Utterances of a dialog."""


def params() -> Params:
    small = {"kind": "synthetic", "synthetic": {"utterances_per_speaker": 4}}
    return Params.model_validate({"corpus": small, "systems": [SYSTEM], "folds": FOLDS, "attention": {"probed": 0}})


def make(folder: Path, hours: float) -> int:
    """A corpus of so many hours as it is after `preprocess`, and untrained models; returns its utterances."""
    from attune.steps import corpus, preprocess, validate

    data = {"corpus": folder / "corpus", "root": folder / "corpus"}
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        corpus.run(params(), root=folder, out=folder / "corpus")
        validate.run(params(), **data, out=folder / "validated")
        preprocess.run(params(), **data, validated=folder / "validated", out=folder / "short")
    short = Store(folder / "short")
    (folder / "store").mkdir()
    long = ((name, np.tile(short.pcm(name), LONGER)) for name in short.index.index)
    pack(folder / "store", long, sample_rate=short.sample_rate)
    (folder / "corpus/cues.parquet").unlink()  # only a synthetic corpus has them
    accepted = ACCEPTED.read(folder / "validated")
    accepted["duration"] *= LONGER
    copies = max(1, round(hours * 3600 / accepted["duration"].sum()))
    _repeat_table(folder / "validated", accepted, copies)
    _repeat_index(folder / "store/index.parquet", copies)
    for fold in FOLDS:
        _model(folder / "models" / fold, fold)
    return copies * len(accepted)


def _renamed(names: Sequence[str], copies: int) -> list[str]:
    return [f"{name}_{copy:05d}" for copy in range(copies) for name in names]


def _repeat_table(folder: Path, table: pd.DataFrame, copies: int) -> None:
    tiled = pd.concat([table] * copies, ignore_index=True)
    part = np.arange(len(tiled)) // (len(table) * DIALOG // 4)
    tiled["utterance"] = _renamed(table["utterance"].tolist(), copies)
    tiled["dialog"] = tiled["dialog"] + "_" + pd.Series(part).astype("str")
    ACCEPTED.write(folder, tiled)


def _repeat_index(path: Path, copies: int) -> None:
    table = pq.read_table(path)
    names = pa.array(_renamed(table["utterance"].to_pylist(), copies))
    tiled = pa.concat_tables([table] * copies).set_column(0, table.schema.field(0), names)
    pq.write_table(tiled, path, write_page_checksum=True)
    sums.enter(path)


def _model(folder: Path, fold: str) -> None:
    folder.mkdir(parents=True)
    system = systems.named(SYSTEM)
    about = Description(
        protocol="loso5",
        system=SYSTEM,
        fold=fold,
        mean=0.0,
        std=0.1,
        class_values={task: [1.5, 3.0, 4.5] for task in TASKS},
        seed=1,
        best_epoch=dict.fromkeys(system.networks, 1),
    )
    built = {name: system.build(name, dropout=0.0, seed=1) for name in system.networks}
    bundle.save(folder, about, {name: network.weights() for name, network in built.items()})
    epoch = Epoch("mtl", 1, 1.0, 1.0, dict.fromkeys(TASKS, 0.5))
    scores = {f"development_uar_{task}": epoch.development_uar[task] for task in TASKS}
    row = {"network": "mtl", "epoch": 1, "train_loss": 1.0, "development_loss": 1.0, **scores, "development_uar": 0.5}
    HISTORY.write(folder, pd.DataFrame([row]))


def _weights(waveform: Waveform) -> np.ndarray:
    """Attention that differs from window to window and is the same for the same utterance."""
    found = np.abs(np.sin(np.arange(1, window_count(len(waveform)) + 1))) + 0.1
    return (found / found.sum()).astype(np.float32)


class Quick:
    """A model that answers at once; everything but its answers is the real one's."""

    def __init__(self, model: bundle.Model) -> None:
        self.description, self.weights_sha256 = model.description, model.weights_sha256

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]:
        found = []
        for waveform in waveforms:
            low = 0.2 + 0.5 * abs(float(np.sin(len(waveform))))
            p = np.array([low, 0.5 - low / 2, 0.5 - low / 2])
            weights = _weights(waveform)
            found.append(Prediction(dict.fromkeys(TASKS, p), dict.fromkeys(TASKS, 3.0), dict.fromkeys(TASKS, weights)))
        return found


def probe(_: bundle.Model, waveforms: Sequence[Waveform]) -> list[dict[str, Probe]]:
    """In the place of `attune.model.probing.probe`."""
    found = []
    for waveform in waveforms:
        weights = _weights(waveform).astype(np.float64)
        evidence = np.outer(weights, [1.0, 2.0, 3.0])
        found.append(dict.fromkeys(map(str, TASKS), Probe(weights, evidence, weights @ evidence)))
    return found


def measure(folder: Path, step: str) -> None:
    """Run a step and print its seconds of processor time and this process's peak memory in MB."""
    from attune.steps import attention, evaluate, predict, report

    given = {"validated": folder / "validated", "store": folder / "store"}
    made = {"models": [folder / "models"], "predictions": [folder / "predictions"]}
    corpus, metrics, evaluation = folder / "corpus", folder / "metrics.json", folder / "evaluation"
    began = time.process_time()
    if step == "predict":
        load = bundle.load
        with mock.patch.object(predict.bundle, "load", lambda *given: Quick(load(*given))):
            for fold in FOLDS:
                model, out = folder / "models" / fold, folder / "predictions" / fold
                predict.run(params(), model=model, **given, features=folder / "features", out=out)
    elif step == "evaluate":
        made.pop("models")
        evaluate.run(
            params(),
            validated=given["validated"],
            features=folder / "features",
            **made,
            metrics=metrics,
            out=evaluation,
        )
    elif step == "attention":
        with mock.patch("attune.model.probing.probe", probe):
            kept = folder / "checkpoints"
            attention.run(params(), corpus=corpus, **given, **made, checkpoints=kept, out=folder / "attention")
    else:
        scores = {"metrics": metrics, "evaluation": evaluation, "attention": folder / "attention"}
        report.run(
            params(), corpus=corpus, **given, **made, **scores, curves=folder / "curves.csv", out=folder / "index.html"
        )
    print(f"\n{time.process_time() - began:.1f} {peak():.0f}", file=sys.stderr)


def peak() -> float:
    """MB that this process held at most; `getrusage` would count what its parent held before it was started."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hours", type=float, nargs="+", default=[1, 10, 50])
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS, help="each needs those before it")
    parser.add_argument("--measure", nargs=2, metavar=("FOLDER", "STEP"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(Path(options.measure[0]), options.measure[1])
        return
    print("hours  utterances  step         CPU s  peak MB")
    for hours in options.hours:
        with tempfile.TemporaryDirectory() as name:
            count = make(Path(name), hours)
            for step in options.steps:
                command = [sys.executable, __file__, "--measure", name, step]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    sys.exit(done.stderr[-3000:])
                seconds, most = done.stderr.split()[-2:]
                print(f"{hours:5g}  {count:10}  {step:9}  {seconds:>7}  {most:>7}", flush=True)


if __name__ == "__main__":
    main()
