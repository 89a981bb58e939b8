"""The tree of runs: one parent per execution of the graph, with a nested run per system and fold.

Runs are found by their tags, so that the first process creates a run and the others continue in it.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune import environment
from attune.artifacts.history import HISTORY
from attune.artifacts.history import read as read_history
from attune.artifacts.models import DESCRIPTION
from attune.errors import AttuneError
from attune.tags import BACKFILLED, EXECUTION, EXPERIMENT, FOLD, PARENT, PIPELINE_RUN, SUPERSEDED, SYSTEM, TRAINING
from attune.tracking import address, creating, origin, runs
from attune.tracking.client import experiment_id
from attune.tracking.faults import is_missing
from attune.tracking.sending import execution
from attune.tracking.sending.execution import Execution

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from attune.params import Params


_TEST = "test"


class RunGoneError(AttuneError):
    """The run that a platform started no longer exists."""


@contextmanager
def parent(client: "MlflowClient", params: "Params") -> Iterator[str]:
    """Yield the id of this execution's run; on success, end the run and the execution.

    If the block fails, no run is left running, and the execution stays open: the next attempt continues in the same
    tree. A run that the platform started (MLFLOW_RUN_ID) is left for the platform to end.
    """
    this = execution.current()
    run_id = parent_of(client, this)
    if not this.run_id:
        run_id = _with_these(client, this, run_id, params)
        client.update_run(run_id, status="RUNNING", name=_name(params))
    creating.sweep(client, client.get_run(run_id).info.experiment_id)
    try:
        yield run_id
    except BaseException:
        with suppress(Exception):  # the first error is the one to report
            _fail(client, this, run_id)
        raise
    if not this.run_id:
        client.set_terminated(run_id, "FINISHED")
        execution.close()


def _with_these(client: "MlflowClient", this: Execution, run_id: str, params: "Params") -> str:
    """Return the run, or a new one if a failed attempt logged other parameters in it, which MLflow never changes."""
    logged, wanted = client.get_run(run_id).data.params, runs.flat(params.model_dump(mode="json", by_alias=True))
    if all(wanted.get(name, text) == text for name, text in logged.items()):
        return run_id
    client.set_tag(run_id, SUPERSEDED, "true")
    client.set_terminated(run_id, "FAILED")
    client.delete_tag(run_id, EXECUTION)
    return parent_of(client, this)


def _name(params: "Params") -> str:
    """Return the DVC experiment's name if there is one; else protocol and systems."""
    return os.environ.get(environment.DVC_EXPERIMENT) or f"{params.protocol} {' '.join(params.systems)}"


def _fail(client: "MlflowClient", this: Execution, run_id: str) -> None:
    own = [] if this.run_id else [run_id]
    nested = [run.info.run_id for run in _find(client, this, {PARENT: run_id}, nested=True)]
    for left in [*nested, *own]:
        if client.get_run(left).info.status == "RUNNING":
            client.set_terminated(left, "FAILED")


def parent_of(client: "MlflowClient", this: Execution) -> str:
    """Return the id of an execution's parent run: the platform's, or the first that any of its steps created."""
    if this.run_id:
        return platforms(client, this.run_id)
    tags = {EXECUTION: this.key}
    if not _find(client, this, tags, nested=False):
        pipeline = {} if this.is_local else {PIPELINE_RUN: this.key}
        named = os.environ.get(environment.DVC_EXPERIMENT)
        dvc = {EXPERIMENT: named} if named else {}
        creating.run(client, experiment_id(client), named or "running", tags | pipeline | dvc | origin.tags())
    first, *others = _find(client, this, tags, nested=False)
    for other in others:  # created by steps on several machines that all found none
        creating.remove(client, other)
    return creating.adopt(client, first)


def platforms(client: "MlflowClient", run_id: str) -> str:
    """Check the run that MLFLOW_RUN_ID names; return its id.

    Raises:
        RunGoneError: there is none, or it was deleted.
    """
    from mlflow.exceptions import MlflowException

    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if not is_missing(error):
            raise
        raise RunGoneError(
            f"there is no run {run_id}, which MLFLOW_RUN_ID names",
            where=address.shown(),
            remedy="Unset MLFLOW_RUN_ID: it is left over from another shell or server.",
        ) from None
    if run.info.lifecycle_stage == "deleted":
        raise RunGoneError(
            f"the run {run_id}, which MLFLOW_RUN_ID names, was deleted in MLflow",
            where=address.shown(),
            remedy=f"Bring it back with `mlflow runs restore --run-id {run_id}`, or unset MLFLOW_RUN_ID.",
        )
    return run_id


def begin_training(
    client: "MlflowClient", this: Execution, *, system: str, fold: str, training: str, parameters: Mapping[str, Any]
) -> str:
    """Return the id of a started training run's MLflow run; a resumed one continues in the MLflow run it had."""
    tags = {EXECUTION: this.key, SYSTEM: system, FOLD: fold, TRAINING: training}
    found = _find(client, this, tags, nested=True)
    if found:
        run_id = _continue(client, found[0], parameters)
        client.update_run(run_id, status="RUNNING")
        return run_id
    return _create_nested(client, parent_of(client, this), tags, parameters)


def complete_training(
    client: "MlflowClient",
    parent_id: str,
    *,
    system: str,
    fold: str,
    folder: Path,
    parameters: Mapping[str, Any],
    scores: Mapping[str, Any],
) -> str:
    """Ensure that the training run behind a model has a complete MLflow run; return its id.

    That is the run tracked during training, plus whatever was not sent; or a new one if DVC had the model already or
    tracking was off. Runs of this execution whose metrics are not the model's are marked as superseded.

    Args:
        folder: written by `attune train`.
        scores: {task: {score: {value, low, high, n}}} on the fold's test partition.
    """
    this = execution.current()
    tags = {EXECUTION: this.key, SYSTEM: system, FOLD: fold}
    wanted = set(runs.epochs(read_history(folder, scores)))
    run_id, have = _matching(client, this, tags, wanted, parameters)
    if run_id is None:
        run_id = _create_nested(client, parent_id, tags | {BACKFILLED: "true"}, parameters)
    client.set_tag(run_id, PARENT, parent_id)
    missing = sorted(wanted.union(runs.flat_scores(scores, _TEST)) - have, key=lambda number: number.step)
    runs.log_metrics(client, run_id, missing)
    for name in (DESCRIPTION, HISTORY.file):
        client.log_artifact(run_id, str(folder / name), "model")
    client.set_terminated(run_id)
    return run_id


def _matching(
    client: "MlflowClient",
    this: Execution,
    tags: Mapping[str, str],
    wanted: set[runs.Measurement],
    parameters: Mapping[str, Any],
) -> "tuple[str | None, set[runs.Measurement]]":
    """Return the run whose training metrics are all among those wanted, with its metrics; mark the others."""
    match: tuple[str | None, set[runs.Measurement]] = (None, set())
    for run in _find(client, this, tags, nested=True):
        have = {number for number in runs.logged(client, run.info.run_id) if not number.name.startswith("system/")}
        trained = {number for number in have if number.name.startswith(f"{runs.CURVES}/")}
        if match[0] is None and trained <= wanted:
            match = (_continue(client, run, parameters), have)
        else:
            client.set_tag(run.info.run_id, SUPERSEDED, "true")
            client.set_terminated(run.info.run_id, "KILLED")
    return match


def _create_nested(
    client: "MlflowClient", parent_id: str, tags: Mapping[str, str], parameters: Mapping[str, Any]
) -> str:
    experiment = client.get_run(parent_id).info.experiment_id
    name = f"{tags[SYSTEM]} {tags[FOLD]}"
    run_id = creating.run(client, experiment, name, {**tags, PARENT: parent_id, **origin.tags()})
    _log_params(client, run_id, tags, parameters)
    return run_id


def _continue(client: "MlflowClient", found: "Run", parameters: Mapping[str, Any]) -> str:
    """Continue in a training run's MLflow run; whoever created it may have failed before its parameters were logged."""
    run_id = creating.adopt(client, found)
    if not found.data.params:
        _log_params(client, run_id, found.data.tags, parameters)
    return run_id


def _log_params(client: "MlflowClient", run_id: str, tags: Mapping[str, str], parameters: Mapping[str, Any]) -> None:
    runs.log_params(client, run_id, {"system": tags[SYSTEM], "fold": tags[FOLD], **parameters})


def _find(client: "MlflowClient", this: Execution, tags: Mapping[str, str], *, nested: bool) -> "list[Run]":
    """Return the runs with these tags, oldest first."""
    given = this.run_id and client.get_run(platforms(client, this.run_id))
    experiment = given.info.experiment_id if given else experiment_id(client)
    condition = " and ".join(f"tags.`{name}` = '{value}'" for name, value in tags.items())
    found = client.search_runs([experiment], condition, order_by=["attributes.start_time ASC"])
    return creating.answered([run for run in found if (PARENT in run.data.tags) == nested])
