"""How many requests a server answers in a second while fifty clients ask at once.

    python benchmarks/serving.py [--folds 5] [--connections 50] [--seconds 3] [--minutes 1]

MLflow's scoring server on the same version, and `attune serve`, one after the other, each with as many connections,
every one of which sends a file as soon as it has the answer to the one before.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.hostile_load import post, records
from benchmarks.served_samples import attune, encoded, register, serving, voice

MLFLOW = """
import sys, uvicorn
from attune.tracking import client
from attune.registry import versions
from mlflow import pyfunc
from mlflow.pyfunc import scoring_server
version = versions.find(client.connect(), "candidate")
model = pyfunc.load_model(str(versions.fetch(version)))
uvicorn.run(scoring_server.init(model), port=int(sys.argv[-1]), log_level="error")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=3.0, help="of audio in a request")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each server")
    arguments = parser.parse_args()
    body = records({"audio": encoded(voice(arguments.seconds))})
    table = Table("server", "requests a second", "median answer, s", "slowest 5 %, s", "not 200")
    rates = []
    os.environ["MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT"] = "3600"
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        register(Path(name) / "models", arguments.folds)
        for label, command in (("MLflow", [sys.executable, "-c", MLFLOW]), ("attune", attune("serve"))):
            with serving(command, Path(name) / "log") as server:
                took, bad = _load(server.port, body, arguments.connections, 60 * arguments.minutes)
            rates.append(len(took) / sum(took) * arguments.connections if took else 0.0)
            row = (statistics.median(took), statistics.quantiles(took, n=20)[-1]) if len(took) > 1 else (0.0, 0.0)
            table.add_row(label, f"{rates[-1]:.2f}", *(f"{value:.2f}" for value in row), str(bad))
    Console().print(table)
    Console().print(f"attune / MLflow: {rates[1] / rates[0]:.1f}")


def _load(port: int, body: bytes, connections: int, seconds: float) -> tuple[list[float], int]:
    """Seconds that each good answer took, and the number of others."""
    took: list[float] = []
    bad: list[int] = []
    until = time.monotonic() + seconds

    def ask() -> None:
        while (began := time.monotonic()) < until:
            try:
                status, _ = post(port, body, timeout=600)
            except OSError:
                status = 0
            if status == 200:
                took.append(time.monotonic() - began)
            else:
                bad.append(status)
                time.sleep(1)

    post(port, body, timeout=600)
    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, len(bad)


if __name__ == "__main__":
    main()
