"""Registered versions: register one, find one, fetch one."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from attune.errors import AttuneError
from attune.tracking.client import answering
from attune.tracking.patience import patiently

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CANDIDATE, CHAMPION = "candidate", "champion"
NAME = "attune"


def register(
    client: "MlflowClient", run_id: str, name: str, folds: Mapping[str, Path], tags: dict[str, str]
) -> "ModelVersion":
    """Log the ensemble of `folds` under a run, register it and point the alias `candidate` at it.

    The version is created with its tags before the alias moves: a candidate always has its lineage.
    """
    import mlflow
    from mlflow.models import Model

    from attune.registry import package

    with package.arguments(folds) as arguments, answering():
        mlflow.set_experiment(experiment_id=client.get_run(run_id).info.experiment_id)  # where the model is logged
        info = Model.log(None, mlflow.pyfunc, name=name, run_id=run_id, **arguments)
        _ensure_registered(client, name)
        version = client.create_model_version(name, info.model_uri, run_id, tags=tags, model_id=info.model_id)
    patiently(lambda: client.set_registered_model_alias(name, CANDIDATE, version.version))
    return version


def _ensure_registered(client: "MlflowClient", name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def find(client: "MlflowClient", which: str | None = None, name: str = NAME) -> "ModelVersion":
    """The version that `which` names: `models:/attune@champion`, `models:/attune/3`, `champion`, `3`.

    Without `which`, the champion where there is one, else the candidate.

    Raises:
        AttuneError: there is no such version.
    """
    if which is None:
        return _default(client, name)
    if which.startswith("models:/"):
        name, _, which = which.removeprefix("models:/").replace("@", "/").rpartition("/")
    version = _lookup(client, name, which)
    if version is None:
        raise AttuneError(
            f"no version or alias {which!r} of a model named {name!r} is registered",
            remedy="`attune history` lists the versions; `make run` registers one.",
        )
    return version


def _default(client: "MlflowClient", name: str) -> "ModelVersion":
    for alias in (CHAMPION, CANDIDATE):
        if version := _lookup(client, name, alias):
            return version
    raise AttuneError(f"no model named {name!r} is registered", remedy="Run the graph (`make run`): it registers one.")


def _lookup(client: "MlflowClient", name: str, which: str) -> "ModelVersion | None":
    from mlflow.exceptions import MlflowException

    with answering():
        try:
            if which.isdigit():
                return client.get_model_version(name, which)
            return client.get_model_version_by_alias(name, which)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise


def fetch(version: "ModelVersion") -> Path:
    """The folder with a version's files, downloaded where they are not on this machine.

    Raises:
        AttuneError: its files cannot be fetched.
    """
    import mlflow

    with answering():
        return Path(mlflow.artifacts.download_artifacts(f"models:/{version.name}/{version.version}"))
