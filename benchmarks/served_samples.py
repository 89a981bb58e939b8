"""A registered version of untrained networks, and a server on it, for the benchmarks of serving."""

import base64
import io
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from attune.model import bundle, systems
from attune.registry import versions
from attune.tasks import TASKS
from attune.tracking import client as mlflow_client

RATE = 16_000


class Server(NamedTuple):
    """A running server: where it listens, and its process."""

    port: int
    process: subprocess.Popen


def register(folder: Path, folds: int) -> None:
    """Register a version of `folds` untrained networks in MLflow's default database in the working directory."""
    system = systems.named("mtl-att")
    values = {task: [1.7, 3.0, 4.3] for task in TASKS}
    places = {}
    for seed in range(folds):
        places[f"session{seed + 1}"] = place = folder / f"session{seed + 1}"
        place.mkdir(parents=True)
        states = {name: system.build(name, dropout=0.0, seed=seed).state_dict() for name in system.networks}
        best = dict.fromkeys(system.networks, 1)
        bundle.save(place, bundle.Description("loso5", "mtl-att", place.name, 0.0, 0.1, values, seed, best), states)
    client = mlflow_client.connect()
    run = client.create_run(mlflow_client.experiment_id(client)).info.run_id
    versions.register(client, run, "attune", places, {})


@contextmanager
def serving(command: Sequence[str | Path], log: Path) -> Iterator[Server]:
    """Run a server's command, to which `--port N` is added, until the end of the block."""
    with socket.socket() as held, log.open("wb") as out:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # only who names the port may listen on it meanwhile
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        process = subprocess.Popen([*command, "--port", str(port)], stdout=out, stderr=out)
        try:
            _wait(port, process, log)
            yield Server(port, process)
        finally:
            process.terminate()
            process.wait(120)


def attune(*arguments: str) -> list[str | Path]:
    return [Path(sys.executable).with_name("attune"), *arguments]


def _wait(port: int, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + 400
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5)
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise SystemExit(f"the server did not start:\n{log.read_text()}")


def voice(seconds: float, seed: int = 0) -> np.ndarray:
    """A tone in noise."""
    when = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(seed).normal(0, 0.02, len(when))
    return (0.3 * np.sin(2 * np.pi * (120 + 10 * seed) * when) + noise).astype(np.float32)


def encoded(wave: np.ndarray, form: str = "WAV", rate: int = RATE) -> str:
    """A file in base64."""
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format=form, subtype="PCM_16")
    return base64.b64encode(file.getvalue()).decode()


def memory(process: int) -> dict[str, float]:
    """Megabytes that a process and its children have now, and had at most: the sums over the processes."""
    totals = {"VmRSS": 0.0, "VmHWM": 0.0}
    for pid in [process, *_children(process)]:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.partition(":")
            if name in totals:
                totals[name] += int(value.split()[0]) / 1000
    return totals


def _children(process: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with suppress(OSError):  # a thread that has ended
            found += map(int, (task / "children").read_text().split())
    return found
