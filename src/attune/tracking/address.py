"""Where MLflow is: the server that MLFLOW_TRACKING_URI names, or the database of the project."""

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


def project() -> Path:
    """The working directory; of an experiment that DVC runs in a checkout of its own, the folder it was started for.

    `dvc exp run --temp` and `--queue` run in `.dvc/tmp/exps/...`, which is thrown away afterwards.
    """
    here = Path.cwd()
    for folder in here.parents:
        if folder.parts[-len(_EXPERIMENTS) :] == _EXPERIMENTS:
            return folder.parents[len(_EXPERIMENTS) - 1]
    return here


def exact() -> str:
    """The address as MLflow needs it; it may contain a password."""
    given = os.environ.get(environment.MLFLOW_ADDRESS)
    return given if given and given != LOCAL_URI else _own()


def shown() -> str:
    """The address fit for messages and files: without its password; LOCAL_URI where nobody chose one."""
    return LOCAL_URI if is_own() else without_password(exact())


def whole() -> str:
    """The address fit for messages about what was looked for where: the own database by its path."""
    return str(project() / LOCAL_DATABASE) if is_own() else without_password(exact())


def page(experiment: str) -> str:
    """MLflow's page of an experiment, in its view for models: without these words it opens the one for agents.

    Of a database it is the page that `mlflow ui` shows.
    """
    site = without_password(exact()).rstrip("/") if is_server() else "http://127.0.0.1:5000"
    return f"{site}/#/experiments/{experiment}?workflowType=machine_learning"


def is_own() -> bool:
    """Whether nobody chose a server."""
    return exact() == _own()


def is_server() -> bool:
    """Whether a server stands between us and the database."""
    return exact().startswith(("http://", "https://"))


def database() -> Path | None:
    """The file of a SQLite database; None where MLflow is something else."""
    address = exact()
    name = unquote(address.removeprefix(_SQLITE).partition("?")[0])
    return Path(name).absolute() if address.startswith(_SQLITE) and name and name != ":memory:" else None


def artifacts() -> str | None:
    """Where artifacts of a new experiment go, as a URI: beside the database; None where a server decides it."""
    if is_server():
        return None
    file = database()
    return ((file.parent if file else project()) / LOCAL_ARTIFACTS).as_uri()


def without_password(text: str) -> str:
    """The text with user name and password taken out of every address in it."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", text)


def _own() -> str:
    """The project's own database, absolutely, because MLflow keeps one open under the name it was first given.

    But not below a folder such as `a%20b` or `who?`, which an address would say otherwise, and MLflow makes one more.
    """
    path = str(project() / LOCAL_DATABASE)
    return _SQLITE + (os.path.relpath(path) if set(path) & set("%?") else path)
