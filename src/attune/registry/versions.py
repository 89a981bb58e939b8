"""Register and fetch model versions."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune import tags as names
from attune.errors import AttuneError
from attune.registry import identity, own_code
from attune.registry.at_hand import Version
from attune.registry.references import CANDIDATE as CANDIDATE
from attune.registry.references import CHAMPION as CHAMPION
from attune.registry.references import NAME as NAME
from attune.registry.references import find as find
from attune.tracking import creating, origin
from attune.tracking.client import connect_to_read
from attune.tracking.faults import FULL, answering, described, is_missing
from attune.tracking.patience import patiently

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models.model import ModelInfo

_FETCHED: "list[tempfile.TemporaryDirectory[str]]" = []
"""Folders of downloaded versions, deleted when this process ends."""


def register(
    client: "MlflowClient",
    run_id: str,
    name: str,
    folds: Mapping[str, Path],
    tags: Mapping[str, str],
    description: str = "",
) -> "ModelVersion":
    """Log the ensemble of `folds` under a run, register it and point the alias `candidate` at it.

    The version is created with its tags before the alias moves, so a candidate always has its lineage. If two processes
    register the same model at once, the later one deletes its version in favour of the other's.

    Args:
        tags: its lineage, including `attune.model`, by which it is recognised later.
        description: the text shown first in MLflow.
    """
    import mlflow
    from mlflow.models import Model

    from attune.registry import package

    with package.arguments(folds) as arguments, answering():
        own = {**tags, names.FILES: _digest(arguments)}
        logged = creating.logged_model(client, client.get_run(run_id), name)
        info = Model.log(None, mlflow.pyfunc, model_id=logged.model_id, **arguments)
        patiently(lambda: _ensure_registered(client, name))
        version = patiently(lambda: _known(client, name, tags) or _create(client, name, info, run_id, own, description))
        link = json.dumps([{"name": name, "version": str(version.version)}])
        client.set_logged_model_tags(info.model_id, {"mlflow.modelVersions": link, origin.NOTE: description})
        first = _known(client, name, tags)
        if first and first.version != version.version:
            _give_up(client, version)
            version = first
    _point_candidate_from(client, version)
    return version


def _digest(arguments: Mapping[str, Any]) -> str:
    return own_code.digest(Path(arguments["code_paths"][0]), Path(arguments["artifacts"]["folds"]))


def _known(client: "MlflowClient", name: str, tags: Mapping[str, str]) -> "ModelVersion | None":
    return identity.find(client, name, tags[names.MODEL]) if names.MODEL in tags else None


def _create(
    client: "MlflowClient", name: str, info: "ModelInfo", run_id: str, tags: Mapping[str, str], description: str
) -> "ModelVersion":
    return client.create_model_version(
        name, info.model_uri, run_id, tags=dict(tags), model_id=info.model_id, description=description
    )


def _give_up(client: "MlflowClient", version: "ModelVersion") -> None:
    try:
        client.delete_model_version(version.name, str(version.version))
    except Exception as error:  # MLflow's class is imported late; anything but "already gone" is raised again
        if not is_missing(error):  # gone already if the answer to an earlier request was lost
            raise


def point_candidate(client: "MlflowClient", version: "ModelVersion") -> None:
    """Point the alias `candidate` at this version, unless it points to a newer one.

    This completes what a killed process left undone; going back to an old model moves nothing.
    """
    with answering():
        now = client.get_registered_model(version.name).aliases.get(CANDIDATE)
    if now is None or int(now) < int(version.version):
        patiently(lambda: client.set_registered_model_alias(version.name, CANDIDATE, version.version))


def _point_candidate_from(client: "MlflowClient", version: "ModelVersion") -> None:
    """Point the alias at a version just created, then at any created since: this may have replaced that one's alias."""
    name = version.name
    while True:
        point_candidate(client, version)
        newest = patiently(lambda: identity.latest(client, name))
        if newest is None or int(newest.version) <= int(version.version):
            return
        version = newest


def _ensure_registered(client: "MlflowClient", name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def fetch(version: "ModelVersion") -> Path:
    """Return the folder with a version's files, downloading them if they are not on this machine.

    Raises:
        AttuneError: the files cannot be fetched, or are not those that were registered.
    """
    files = version.files if isinstance(version, Version) else None
    if files is None or not files.is_dir():
        files = _download(version)
    try:
        own_code.check(files, version.tags)
    except AttuneError as error:  # the path alone may be in a temporary folder
        where = f"{version.name}/{version.version}, {error.where}"
        raise AttuneError(error.what, where=where, remedy=error.remedy) from None
    return files


def _download(version: "ModelVersion") -> Path:
    import mlflow

    if isinstance(version, Version):  # found without MLflow, which now reports anything it cannot work with
        connect_to_read()
    folder = tempfile.TemporaryDirectory(prefix="attune-version-")
    _FETCHED.append(folder)
    uri = f"models:/{version.name}/{version.version}"
    try:
        with answering():
            files = Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder.name))
            if not any(files.iterdir()):  # MLflow's only sign that a local folder is gone
                raise described(FileNotFoundError(f"No such artifact: {uri}"))
            return files
    except AttuneError as error:
        if not error.what.startswith(FULL):
            raise
        folder.cleanup()
        free = shutil.disk_usage(Path(folder.name).parent).free // 1000
        raise AttuneError(
            f"{FULL}: {free} kB are left, too few for the files of {version.name}/{version.version}",
            where=folder.name,
            remedy="Free some space there, or set TMPDIR to a folder on another disk.",
        ) from error
