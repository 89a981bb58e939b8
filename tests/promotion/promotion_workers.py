"""What a process of its own does to the champion, and what it says about it afterwards."""

import json
import os
import signal
from multiprocessing import get_context
from pathlib import Path

from promotion_samples import PARAMS

from attune.errors import AttuneError
from attune.promotion import champion, cost, judge, policy
from attune.promotion.policy import Cost
from attune.tracking import client as mlflow_client

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        "mlflow.store.tracking.sqlalchemy_store",
        "mlflow.store.model_registry.sqlalchemy_store",
        "attune.promotion.judge",
        "pandas.io.parquet",
    ]
)


def work(folder: Path, uri: str, task: str, go) -> None:
    """`promote:7` or `rollback`, at a signal; says what came of it in the file `<pid>.json`."""
    client = _begin(folder, uri)
    go.wait()
    try:
        if task == "rollback":
            said = {"did": "rollback", "number": champion.rollback(client, "attune", "stress").number}
        else:
            verdict = judge.promote(client, PARAMS, task.removeprefix("promote:"))
            said = {"did": verdict.outcome, "version": verdict.version}
    except AttuneError as error:
        said = {"did": "error", "task": task, "error": str(error)}
    (folder / f"said-{os.getpid()}.json").write_text(json.dumps(said))


def die_before(method: str, folder: Path, uri: str, version: str) -> None:
    """Promote, and be killed the moment this method of MLflow's client is called."""
    client = _begin(folder, uri)
    setattr(client, method, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    judge.promote(client, PARAMS, version, force="whatever")


def _begin(folder: Path, uri: str):
    os.chdir(folder)
    os.environ["MLFLOW_TRACKING_URI"] = uri
    os.environ["MLFLOW_TRACKING_USERNAME"] = f"user{os.getpid()}"
    cost.measure = lambda version: Cost(1.0, 0.1)
    policy.against_champion = lambda *_: []  # whoever asks becomes champion: tested is the order, not the gate
    return mlflow_client.connect()
