"""Real MLflow servers for tests: on a database and a folder, which can be stopped and started again."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from ports import free_port

OWN = Path(sys.executable).with_name("mlflow")
"""The MLflow installed here; that of another environment is another server."""
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
"""The second: eight processes beside each server, half a minute of processor time, for jobs that nobody here has."""
PROXIED = ("--artifacts-destination", "./stored", "--serve-artifacts")


class Server:
    """`mlflow server` in `folder`, on `server.db` there unless another database is given; a context manager.

    Args:
        options: of the command; by default artifacts go through the server into the folder `stored`.
        program: the `mlflow` to run.
        variables: environment variables besides.
        workers: how many processes answer.
    """

    def __init__(self, folder, *options, database="sqlite:///server.db", program=OWN, variables=None, workers=1):
        self.folder, self.program, self.process = folder, program, None
        self.workers = str(workers)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.options = ["--backend-store-uri", database, *(options or PROXIED)]
        self.variables = variables or {}

    def start(self):
        command = [self.program, "server", "--port", str(self.port), "--workers", self.workers, *self.options]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW")}
        variables = clean | QUIET | self.variables
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=variables, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 400
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.2)

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def stop(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)  # at once: it would wait for connections kept open
            self.process.wait(60)
            self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()
