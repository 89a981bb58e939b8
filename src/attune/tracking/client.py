"""The only way to connect to MLflow: quiet, and with checks that the server or database is usable."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from attune import environment
from attune.errors import AttuneError
from attune.tracking import address, database
from attune.tracking.faults import answering as answering
from attune.tracking.faults import is_missing

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment

EXPERIMENT = "attune"
OLDEST_SERVER = 3
"""The first major version of MLflow whose server has logged models, from which versions are registered."""

_KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Opens the experiment in MLflow's view for models; otherwise MLflow guesses, and may choose the one for agents."""
IN_POD, LOCAL_IN_POD = "KUBERNETES_SERVICE_HOST", "ATTUNE_LOCAL_TRACKING"
"""Environment variables; Kubernetes sets the first in every pod."""

_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
}
_BUSY = ("TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED")
_BOUNDED = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


def quieten() -> None:
    """Limit MLflow's output to errors, and disable its telemetry."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore", module=r"mlflow\b.*")

    import mlflow  # noqa: F401 - sets its loggers' levels, which are set again here

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # also logs the traceback of what it raises


def connect() -> "MlflowClient":
    """Return a client of the tracking server, which has answered; create the project's own database if missing.

    Raises:
        AttuneError: the server does not answer (after a few seconds and three retries), refuses, or is too old.
    """
    _refuse_to_lose()
    quieten()
    for name, value in _BOUNDED.items():
        if not os.environ.setdefault(name, value).isdecimal():
            raise AttuneError(f"must be a whole number, got {os.environ[name]!r}", where=name, remedy="Unset it.")

    import mlflow

    with _environment_as_it_was():
        mlflow.set_tracking_uri(address.exact())
    with answering():
        if file := address.database():
            database.ensure(file)
            database.follow_the_project(file)
        if address.is_server():
            _check_age()
        client = mlflow.MlflowClient()
        client.search_experiments(max_results=1)
    return client


@contextmanager
def _environment_as_it_was() -> Iterator[None]:
    """Undo MLflow's writing its address into the environment, where this process's next project would find it."""
    before = os.environ.get(environment.MLFLOW_ADDRESS)
    yield
    if before is None:
        os.environ.pop(environment.MLFLOW_ADDRESS, None)


def _refuse_to_lose() -> None:
    if IN_POD in os.environ and address.database() and os.environ.get(LOCAL_IN_POD) != "allowed":
        raise AttuneError(
            "no tracking server is set, and what is tracked into this pod is lost with it",
            where="MLFLOW_TRACKING_URI",
            remedy="Give the namespace its config map (deploy/README.md) or set MLFLOW_TRACKING_URI; "
            f"{LOCAL_IN_POD}=allowed tracks into the pod all the same.",
        )


def connect_to_read() -> "MlflowClient":
    """The same as `connect` for commands that only read: no database is created.

    Raises:
        AttuneError: the same as for `connect`; or there is no database yet.
    """
    file = address.database()
    if file and not file.exists():
        raise AttuneError(
            "there is no MLflow database yet, so nothing is registered",
            where=file,
            remedy="Run the graph (`dvc repro`) in this folder, go to the folder where it was run, or set "
            "MLFLOW_TRACKING_URI to the server that has the models.",
        )
    return connect()


def _check_age() -> None:
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    server = get_default_host_creds(address.exact())  # type: ignore[no-untyped-call]
    answer = http_request(server, "/version", "GET", raise_on_status=False)  # type: ignore[no-untyped-call]
    major = answer.text.strip().partition(".")[0]
    if answer.status_code == 200 and major.isdigit() and int(major) < OLDEST_SERVER:
        raise AttuneError(
            f"the server is MLflow {answer.text.strip()}, which has no logged models",
            where=address.shown(),
            remedy=f"attune needs a server of MLflow {OLDEST_SERVER} or later; ask for an upgrade.",
        )


def experiment_id(client: "MlflowClient") -> str:
    """Return the experiment's id: MLFLOW_EXPERIMENT_ID, else by MLFLOW_EXPERIMENT_NAME or `attune`; created if missing.

    Raises:
        AttuneError: it was deleted, there is none with that id, or its artifacts would not reach the server.
    """
    experiment = _chosen(client)
    if experiment.lifecycle_stage == "deleted":
        raise AttuneError(
            f"the experiment {experiment.name!r} was deleted in MLflow",
            where=address.shown(),
            remedy=f"Bring it back with `mlflow experiments restore --experiment-id {experiment.experiment_id}` "
            "(MLFLOW_TRACKING_URI set to the address above), or track in another: MLFLOW_EXPERIMENT_NAME=NAME.",
        )
    _check_artifacts(experiment)
    return str(experiment.experiment_id)


def _chosen(client: "MlflowClient") -> "Experiment":
    from mlflow.exceptions import MlflowException

    if chosen := os.environ.get(environment.MLFLOW_EXPERIMENT_ID):
        return _by_id(client, chosen)
    name = os.environ.get(environment.MLFLOW_EXPERIMENT_NAME) or EXPERIMENT
    if found := client.get_experiment_by_name(name):
        return found
    try:
        return client.get_experiment(client.create_experiment(name, address.artifacts(), _KIND))
    except MlflowException:  # another process was quicker
        if found := client.get_experiment_by_name(name):
            return found
        raise


def _by_id(client: "MlflowClient", chosen: str) -> "Experiment":
    from mlflow.exceptions import MlflowException

    try:
        return client.get_experiment(chosen)
    except MlflowException as error:
        if not is_missing(error):
            raise
        raise AttuneError(
            f"there is no experiment {chosen}, which MLFLOW_EXPERIMENT_ID names",
            where=address.shown(),
            remedy="Unset MLFLOW_EXPERIMENT_ID, or set it to one that `mlflow experiments search` lists.",
        ) from None


def _check_artifacts(experiment: "Experiment") -> None:
    """Refuse a server with a local artifact path and no upload: artifacts would stay on this machine, unseen."""
    location = urlsplit(experiment.artifact_location)
    if not address.is_server() or location.scheme not in ("", "file"):
        return
    folder = Path(url2pathname(location.path))
    if any(place.is_dir() for place in (folder, *folder.parents[:2]) if place != Path("/")):
        return  # a folder that both machines share
    raise AttuneError(
        f"artifacts of the experiment {experiment.name!r} go to a folder of the server, {folder}, which is not here",
        where=address.shown(),
        remedy="Start the server with `--serve-artifacts --artifacts-destination FOLDER_OR_S3` and track in a new "
        "experiment (MLFLOW_EXPERIMENT_NAME=NAME), or mount that folder here.",
    )
