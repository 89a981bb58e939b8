"""`attune register` killed before a write: run again, it makes one version, whole, and leaves nothing RUNNING."""

import signal
import subprocess
import sys

import pytest
from test_registering import folder as folder
from test_registering import run

from attune.registry import lineage_file, versions
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow

MOMENTS = ("create_model_version", "set_registered_model_alias")
"""Others tried by hand, none wrong: log_batch, log_artifacts, set_terminated, and four times at random."""


def registered_after(folder, params):
    """What there is once the command was run again."""
    run(params, folder)
    client = mlflow_client.connect()
    (version,) = client.search_model_versions("name='attune'")
    runs = client.search_runs([mlflow_client.experiment_id(client)])
    assert {found.info.status for found in runs} <= {"FINISHED", "FAILED", "KILLED"}
    assert len({found.info.run_id for found in runs if "mlflow.parentRunId" not in found.data.tags}) == 1
    assert str(versions.find(client, "candidate").version) == str(version.version)
    assert lineage_file.read(client, version)["attune.params"]
    assert versions.fetch(version)


KILLED = """
import os, signal, sys
import mlflow
from attune.cli import app
moment = sys.argv.pop(1)
setattr(mlflow.MlflowClient, moment, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
app()
"""


def command(params):
    given = {"models": "models", "metrics": "reports/metrics.json", "report": "reports/index.html"}
    given |= {name: f"reports/{name}" for name in ("evaluation", "attention")} | {"out": "reports/registered.json"}
    parts = [part for name, value in given.items() for part in (f"--{name}", value)]
    return ["register", "--params", params.model_dump_json(by_alias=True), *parts]


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_before_it_writes(folder, params, moment):
    done = subprocess.run([sys.executable, "-c", KILLED, moment, *command(params)], cwd=folder, timeout=900)
    assert done.returncode == -signal.SIGKILL
    registered_after(folder, params)
