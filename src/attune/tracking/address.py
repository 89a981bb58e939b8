"""Where MLflow is: the server that MLFLOW_TRACKING_URI names, or the project's own database."""

import os
import re
from pathlib import Path
from urllib.parse import unquote

from attune import environment

LOCAL_DATABASE = "mlflow.db"
LOCAL_URI = f"sqlite:///{LOCAL_DATABASE}"
LOCAL_ARTIFACTS = "mlartifacts"

_SQLITE = "sqlite:///"
_EXPERIMENTS = (".dvc", "tmp", "exps")
_LOGIN = re.compile(r"((?:postgresql|mysql|mssql)[+\w]*://)\S*@|(?<=://)[^/\s]*@|(?<=[?&]password=)[^&\s]*")
"""User and password in an address; the password may contain an @, and in that of a database a slash."""


def project() -> Path:
    """Return the working directory; inside a temporary checkout of a DVC experiment, the project it belongs to.

    `dvc exp run --temp` and `--queue` run in `.dvc/tmp/exps/...`, which is deleted afterwards.
    """
    here = Path.cwd()
    for folder in here.parents:
        if folder.parts[-len(_EXPERIMENTS) :] == _EXPERIMENTS:
            return folder.parents[len(_EXPERIMENTS) - 1]
    return here


def exact() -> str:
    """Return the address as MLflow needs it; it may contain a password."""
    given = os.environ.get(environment.MLFLOW_ADDRESS)
    return given if given and given != LOCAL_URI else _own()


def shown() -> str:
    """Return the address for messages and files: without its password; LOCAL_URI if none was configured."""
    return LOCAL_URI if is_own() else without_password(exact())


def whole() -> str:
    """Return the address for messages about where something was looked for: the project's own database by its path."""
    return str(project() / LOCAL_DATABASE) if is_own() else without_password(exact())


def page(experiment: str) -> str:
    """Return the URL of an experiment in MLflow's view for models: without the parameter it opens the view for agents.

    For a database it is the page that `mlflow ui` shows.
    """
    site = without_password(exact()).rstrip("/") if is_server() else "http://127.0.0.1:5000"
    return f"{site}/#/experiments/{experiment}?workflowType=machine_learning"


def is_own() -> bool:
    """Whether the address is the project's own database."""
    return exact() == _own()


def is_server() -> bool:
    """Whether MLflow is reached through a server."""
    return exact().startswith(("http://", "https://"))


def database() -> Path | None:
    """Return the file of the SQLite database; None if MLflow uses something else."""
    address = exact()
    name = unquote(address.removeprefix(_SQLITE).partition("?")[0])
    return Path(name).absolute() if address.startswith(_SQLITE) and name and name != ":memory:" else None


def artifacts() -> str | None:
    """Return the artifact URI for a new experiment: beside the database; None if a server decides."""
    if is_server():
        return None
    file = database()
    return ((file.parent if file else project()) / LOCAL_ARTIFACTS).as_uri()


def without_password(text: str) -> str:
    """Return the text with user name and password removed from every address in it."""
    return _LOGIN.sub(r"\1", text)


def _own() -> str:
    """Return the URI of the project's own database, absolute because MLflow keeps it open under the first name given.

    It is relative below a folder such as `a%20b` or `who?`: MLflow would decode the URI and create another database.
    """
    path = str(project() / LOCAL_DATABASE)
    return _SQLITE + (os.path.relpath(path) if set(path) & set("%?") else path)
