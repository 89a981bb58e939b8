"""Peak memory and time of `evaluate` and `report`'s reading of weights, as the corpus grows.

    python benchmarks/step_memory.py [--hours 5 10 20]

A corpus of 4.5-second utterances (ten speakers, five sessions) that repeats one utterance's predictions and weights, of
one system with attention; each size is measured in a process of its own.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from attune.artifacts.predictions import PREDICTIONS, WEIGHTS, Provenance, find, write_provenance
from attune.artifacts.utterances import ACCEPTED
from attune.params import TASKS, Params

SECONDS, WINDOWS, SESSIONS = 4.5, 447, 5


def make(folder: Path, hours: float) -> None:
    """Accepted utterances and the predictions of five folds."""
    count = int(hours * 3600 / SECONDS)
    numbers = np.arange(count)
    session = numbers % SESSIONS + 1
    table = pd.DataFrame({"utterance": [f"u{number:07d}" for number in numbers], "session": session})
    table["speaker"] = "s" + (numbers % (2 * SESSIONS)).astype(str).astype(object)
    table["dialog"] = "d" + (numbers % 300).astype(str).astype(object)
    table = table.assign(gender="F", scenario="improvised", start=0.0, end=SECONDS, category=None, transcript=None)
    table = table.assign(audio="a.wav", source=None, line=0, frames=72000, sample_rate=16000, channels=1)
    rng = np.random.default_rng(1)
    table = table.assign(duration=SECONDS, **{task: rng.integers(2, 11, count) / 2 for task in TASKS})
    (folder / "validated").mkdir()
    ACCEPTED.write(folder / "validated", table)
    for tested in range(1, SESSIONS + 1):
        _predict(folder / f"predictions/session{tested}", table, tested, rng)


def _predict(folder: Path, table: pd.DataFrame, tested: int, rng: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    weights = np.full(WINDOWS, 1 / WINDOWS, np.float32)
    fold = f"session{tested}"
    with PREDICTIONS.writing(folder) as rows, WEIGHTS.writing(folder) as attention:
        for partition, session in (("development", tested % SESSIONS + 1), ("test", tested)):
            names = table.loc[table["session"] == session, "utterance"].tolist()
            for begin in range(0, len(names), 64):
                keys = [
                    {"system": "mtl-att", "fold": fold, "partition": partition, "utterance": name, "task": task}
                    for name in names[begin : begin + 64]
                    for task in TASKS
                ]
                attention.add([{**key, "weights": weights} for key in keys])
                said = rng.dirichlet(np.ones(3), len(keys))
                rows.add(
                    [
                        {
                            **key,
                            "low": p[0],
                            "middle": p[1],
                            "high": p[2],
                            "predicted": int(p.argmax()),
                            "score": 3.0 + p[2],
                        }
                        for key, p in zip(keys, said, strict=True)
                    ]
                )
    constants = dict.fromkeys(TASKS, 1), dict.fromkeys(TASKS, 3.0)
    write_provenance(folder, Provenance("loso5", "mtl-att", fold, "0" * 64, *constants))


def measure(folder: Path, what: str) -> None:
    """Run one thing and print its seconds and this process's peak memory in MB."""
    folds = [f"session{number}" for number in range(1, SESSIONS + 1)]
    params = Params.model_validate({"systems": ["mtl-att"], "folds": folds})
    began = time.monotonic()
    if what == "evaluate":
        from attune.steps import evaluate

        given = {"validated": folder / "validated", "predictions": [folder / "predictions"]}
        evaluate.run(params, **given, metrics=folder / "metrics.json", out=folder / "evaluation")
    else:
        from attune.steps.report_inputs import attention_weights

        runs = find([folder / "predictions"], protocol="loso5", systems=["mtl-att"], folds=folds)
        attention_weights(runs, {f"u{number:07d}" for number in range(12)})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.monotonic() - began:.1f} {peak:.0f}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hours", type=float, nargs="+", default=[5, 10, 20])
    parser.add_argument("--measure", nargs=2, metavar=("FOLDER", "WHAT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(Path(options.measure[0]), options.measure[1])
        return
    print("hours  what      seconds  peak MB")
    for hours in options.hours:
        with tempfile.TemporaryDirectory() as name:
            make(Path(name), hours)
            for what in ("evaluate", "weights"):
                command = [sys.executable, __file__, "--measure", name, what]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                seconds, peak = done.stderr.split()[-2:]
                print(f"{hours:5g}  {what:8}  {seconds:>7}  {peak:>7}", flush=True)


if __name__ == "__main__":
    main()
