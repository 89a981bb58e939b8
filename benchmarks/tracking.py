"""What does following a training in MLflow cost the training?

    python benchmarks/tracking.py [--validated data/validated] [--store data/store] [--folds 3] [--epochs 2]
                                  [--rounds 2]

off       ATTUNE_TRACKING=off
on        MLflow's default database, events sent while the training runs
silent    a server that takes connections and never answers

The same trainings run in turn under each, fold after fold as in the graph, in a folder of its own, so that whatever
else the machine does meets all three. Times are of whole commands, added up; each one's best round counts.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

ALLOWED = 0.03


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name, _silent_server() as silent:
        folder = Path(name)
        variables = {
            "off": {"ATTUNE_TRACKING": "off"},
            "on": {"ATTUNE_TRACKING": "on"},
            "silent": {"ATTUNE_TRACKING": "on", "MLFLOW_TRACKING_URI": silent},
        }
        times: dict[str, list[float]] = {mode: [] for mode in variables}
        for number in range(arguments.rounds):
            for mode, extra in variables.items():
                times[mode].append(_train(arguments, folder / mode, f"{number}", extra))
    _tell(times)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--validated", type=Path, default=Path("data/validated"))
    parser.add_argument("--store", type=Path, default=Path("data/store"))
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    return parser.parse_args()


def _train(arguments: argparse.Namespace, folder: Path, name: str, variables: dict[str, str]) -> float:
    folder.mkdir(exist_ok=True)
    params = {"train": {"epochs": arguments.epochs, "patience": arguments.epochs}}
    command = [Path(sys.executable).with_name("attune"), "train", "--system", "mtl-att", "--params", json.dumps(params)]
    command += ["--validated", arguments.validated.absolute(), "--store", arguments.store.absolute()]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW", "ATTUNE"))}
    began = time.perf_counter()
    for fold in (f"session{number}" for number in range(1, arguments.folds + 1)):
        own = ["--fold", fold, "--out", f"{name}-{fold}"]
        subprocess.run([*command, *own], cwd=folder, env=environment | variables, check=True, capture_output=True)
    return time.perf_counter() - began


@contextmanager
def _silent_server() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _tell(times: dict[str, list[float]]) -> None:
    table = Table("tracking", "best (s)", "all rounds (s)", "added")
    base = min(times["off"])
    for mode, seconds in times.items():
        rounds = " ".join(f"{value:.1f}" for value in seconds)
        table.add_row(mode, f"{min(seconds):.1f}", rounds, f"{100 * (min(seconds) / base - 1):+.1f} %")
    Console().print(table)
    worst = max(min(seconds) for seconds in times.values()) / base - 1
    print(f"{'within' if worst <= ALLOWED else 'BEYOND'} the {100 * ALLOWED:.0f} % allowed")


if __name__ == "__main__":
    main()
