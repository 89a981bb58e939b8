"""Training on several nodes as the pipeline step `train`: create a TrainJob, follow it, fetch its model.

The nodes read data and write the model and its checkpoints on a volume mounted by all of them. Losing a node ends the
TrainJob; it is created again and continues from its last checkpoint.
"""

import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

import click

from attune.environment import LAUNCHER, LAUNCHER_UID, PIPELINE_RUN
from attune.errors import AttuneError
from attune.kubeflow import train_job
from attune.kubeflow.kubernetes_api import Document
from attune.kubeflow.patience import patiently
from attune.kubeflow.train_job import Nodes
from attune.kubeflow.trainer import Trainer
from attune.storage.files import whole_folder
from attune.training.parting import LOST
from attune.visible import visible

LOOK = 5.0
"""Seconds between polls of a TrainJob and its log."""
AGAIN = 5
"""How many times a TrainJob that lost a node is created again."""
FINAL = ("OOMKilled", "TrainingRuntimeNotSupported", "DeadlineExceeded")
"""Failure reasons for which retrying is useless."""
DATA = ("--validated", "--store", "--features")
"""Options that name a folder to read."""
ERROR = "error: "
"""Prefix of the command line's error messages."""


class Ending(NamedTuple):
    """How a TrainJob ended, why, and the log of its first node."""

    complete: bool
    reason: str
    said: list[str]


def train(
    arguments: Sequence[str], nodes: Nodes, trainer: Trainer, environment: Mapping[str, str], look: float = LOOK
) -> None:
    """Do what `attune train ARGUMENTS` does, on several nodes.

    Args:
        arguments: `train` and its options, each with a value; the nodes share the folder `--checkpoints`.
        environment: names this pod, which owns the TrainJob.
        look: seconds between polls.

    Raises:
        AttuneError: the training run failed, nodes were lost too often, or Kubernetes refuses.
    """
    given = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    name = train_job.name(environment.get(PIPELINE_RUN, ""), given["--system"], given["--fold"])
    shared = Path(given["--checkpoints"]) / "jobs" / name
    there = {option: str(_copied(Path(given[option]), shared)) for option in DATA}
    there["--out"] = str(shared / "model")
    command = ["train", *(word for pair in (given | there).items() for word in pair)]
    owner = {"apiVersion": "v1", "kind": "Pod", "name": environment[LAUNCHER], "uid": environment[LAUNCHER_UID]}
    job = train_job.build(name, nodes, command, owner, environment)
    with _gone_if_ended(trainer, name):
        _to_its_end(trainer, job, f"{given['--system']} {given['--fold']}", look)
    with whole_folder(Path(given["--out"])) as folder:
        shutil.copytree(shared / "model", folder, dirs_exist_ok=True)
    trainer.delete(name)
    shutil.rmtree(shared, ignore_errors=True)


def _copied(source: Path, shared: Path) -> Path:
    target = shared / source.name
    if source.exists() and not target.exists():
        with whole_folder(target) as folder:
            shutil.copytree(source, folder, dirs_exist_ok=True)
    return target


@contextmanager
def _gone_if_ended(trainer: Trainer, name: str) -> Iterator[None]:
    """Delete the TrainJob if this pod is terminated."""

    def end(*_: object) -> NoReturn:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except (SystemExit, KeyboardInterrupt):
        trainer.delete(name)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _to_its_end(trainer: Trainer, job: Document, title: str, look: float) -> None:
    name = job["metadata"]["name"]
    for again in range(AGAIN + 1):
        _ensure(trainer, job, look)
        click.echo(f"TrainJob {name}: {job['spec']['trainer']['numNodes']} nodes")
        ending = _follow(trainer, name, look)
        if ending.complete:
            return
        _check_passes(ending, title)
        click.echo(
            f"a node was lost ({ending.reason}): restarting from the last checkpoint, {again + 1} of {AGAIN}", err=True
        )
    raise AttuneError(f"nodes were lost too often, most recently: {ending.reason}", where=title)


def _ensure(trainer: Trainer, job: Document, look: float) -> None:
    """Adopt this cell's TrainJob from an earlier attempt, or create it."""
    name, (owner,) = job["metadata"]["name"], job["metadata"]["ownerReferences"]
    while True:
        found = patiently(lambda: trainer.find(name))
        if found is None:
            if patiently(lambda: trainer.create(job)):
                return
            continue
        over = train_job.ended(found)
        if "deletionTimestamp" not in found["metadata"]:
            if over and over[0] != "Complete":
                patiently(lambda: trainer.delete(name))
            elif patiently(lambda: trainer.adopt(name, owner)):
                return
        time.sleep(look)


def _follow(trainer: Trainer, name: str, look: float) -> Ending:
    pod, said, told = None, list[str](), set[str]()
    while True:
        job = patiently(lambda: trainer.find(name))
        over = ("Failed", "it was deleted") if job is None else train_job.ended(job)
        pods = patiently(lambda: trainer.pods(name))
        if pods.first != pod and pods.first:
            pod, said = pods.first, []
        if pod:
            lines = trainer.log(pod)
            for line in lines[len(said) :]:
                click.echo(visible(line))
            said = max(said, lines, key=len)
        for trouble in dict.fromkeys(pods.troubles):
            if trouble not in told:
                click.echo(visible(f"a node of {name}: {trouble}"), err=True)
                told.add(trouble)
        if over:
            known = [trouble for trouble in pods.troubles if trouble.startswith(FINAL)]
            return Ending(over[0] == "Complete", "; ".join([*known, over[1]]), said)
        time.sleep(look)


def _check_passes(ending: Ending, title: str) -> None:
    """Raise faults for which retrying is useless: an error from attune itself, too little memory, no such runtime."""
    message = next((n for n in reversed(range(len(ending.said))) if ending.said[n].startswith(ERROR)), None)
    if message is not None and LOST not in ending.said[message]:
        what, *remedy = ending.said[message : message + 2]
        advice = remedy[0].strip() if remedy and remedy[0].startswith("  ") else None
        raise AttuneError(what.removeprefix(ERROR), where=title, remedy=advice)
    if any(reason in ending.reason for reason in FINAL):
        raise AttuneError(ending.reason, where=title, remedy="Give its nodes more, or look at the TrainJob.")
