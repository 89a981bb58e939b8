"""The one door to MLflow: where it is, quietly, and a clear word when it does not answer."""

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attune.errors import AttuneError
from attune.tracking import database

if TYPE_CHECKING:
    from mlflow import MlflowClient

LOCAL_DATABASE = "mlflow.db"
LOCAL_URI = f"sqlite:///{LOCAL_DATABASE}"
LOCAL_ARTIFACTS = "mlartifacts"
EXPERIMENT = "attune"

_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
}
_BOUNDED = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


def tracking_uri() -> str:
    """Where to track, fit for messages and files: MLFLOW_TRACKING_URI without its password, or LOCAL_URI."""
    return LOCAL_URI if _is_local() else without_password(_address())


def _address() -> str:
    return os.environ.get("MLFLOW_TRACKING_URI") or _local_address()


def _local_address() -> str:
    """Absolute, because MLflow keeps a database open under the name it was first given."""
    return f"sqlite:///{Path(LOCAL_DATABASE).absolute()}"


def _is_local() -> bool:
    """Whether nobody chose a server. Having been told an address, MLflow sets MLFLOW_TRACKING_URI itself."""
    return _address() == _local_address()


def without_password(text: str) -> str:
    """The text with user name and password taken out of every address in it."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", text)


def quieten() -> None:
    """Let MLflow speak of errors only, and not home."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore", module=r"mlflow\b.*")

    import mlflow  # noqa: F401 - sets its loggers' levels, which are set again here

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)


def connect() -> "MlflowClient":
    """A client of the tracking server, which has answered.

    Raises:
        AttuneError: it does not answer (after a few seconds and three more tries), or refuses.
    """
    quieten()
    for name, value in _BOUNDED.items():
        os.environ.setdefault(name, value)

    import mlflow

    mlflow.set_tracking_uri(_address())
    with answering():
        database.ensure(_address())
        client = mlflow.MlflowClient()
        client.search_experiments(max_results=1)
    return client


@contextmanager
def answering() -> Iterator[None]:
    """Turn whatever MLflow raises inside into one message that names the server and what to do."""
    from mlflow.exceptions import MlflowException
    from requests import RequestException  # type: ignore[import-untyped]
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, RequestException, SQLAlchemyError) as error:
        raise AttuneError(
            f"MLflow does not do as asked ({_first_line(error)})",
            where=tracking_uri(),
            remedy="Check that it runs and that MLFLOW_TRACKING_URI (and its credentials) are right, then run the "
            f"same command again; unset, MLFLOW_TRACKING_URI means {LOCAL_URI}.",
        ) from error


def _first_line(error: Exception) -> str:
    text = next(iter(str(error).splitlines()), type(error).__name__)
    return without_password(text if len(text) <= 300 else f"{text[:300]}...")


def experiment_id(client: "MlflowClient") -> str:
    """The experiment to track in: MLFLOW_EXPERIMENT_ID, else MLFLOW_EXPERIMENT_NAME, else `attune`; made if missing."""
    from mlflow.exceptions import MlflowException

    if chosen := os.environ.get("MLFLOW_EXPERIMENT_ID"):
        return chosen
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
    if found := client.get_experiment_by_name(name):
        return str(found.experiment_id)
    artifacts = str(Path(LOCAL_ARTIFACTS).absolute()) if _is_local() else None
    try:
        return client.create_experiment(name, artifacts)
    except MlflowException:  # another process was quicker
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return str(found.experiment_id)
