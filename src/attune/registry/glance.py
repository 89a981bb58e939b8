"""Check quickly whether the registry has a model, without MLflow, which takes seconds to import.

The answer is yes or unknown. Anything unusual (another kind of database, authentication that only MLflow supports, a
fault) is left to MLflow itself, which reports what is wrong.
"""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from attune import environment, tags
from attune.tracking import address, database, query
from attune.tracking.client import IN_POD

_LEFT_TO_MLFLOW = (
    IN_POD,
    "MLFLOW_REGISTRY_URI",
    "MLFLOW_TRACKING_AUTH",
    "MLFLOW_TRACKING_AWS_SIGV4",
    "MLFLOW_TRACKING_CLIENT_CERT_PATH",
    "MLFLOW_TRACKING_INSECURE_TLS",
    "MLFLOW_WORKSPACE",
)
_SECONDS = 10.0

_VERSIONS = """
SELECT version, run_id FROM model_versions JOIN model_version_tags USING (name, version)
WHERE name = ? AND key = ? AND value = ? AND status = 'READY' AND current_stage != 'Deleted_Internal'
"""
_ALIASES = "SELECT alias, version FROM registered_model_aliases WHERE name = ?"
_EXPERIMENT = "SELECT experiment_id FROM runs WHERE run_uuid = ?"


class Seen(NamedTuple):
    """A version, its run, and the version that each alias of its model points to."""

    version: str
    run_id: str
    aliases: Mapping[str, str]


def look(name: str, model: str) -> Seen | None:
    """Return the first version of `name` that has this model digest; None if there is none or it cannot be determined.

    Raises:
        AttuneError: the project's database was moved without its artifacts.
    """
    if is_left_to_mlflow():
        return None
    if (file := address.database()) and file.exists():
        database.follow_the_project(file)
        versions, aliases = _in_database(file, name, model)
    elif address.is_server():
        versions, aliases = _on_server(name, model)
    else:
        return None
    if not versions:
        return None
    first = min(versions, key=int)
    return Seen(first, versions[first], aliases)


def is_left_to_mlflow() -> bool:
    """Whether the environment asks for something that only MLflow supports."""
    return any(map(os.environ.get, _LEFT_TO_MLFLOW))


_Found = tuple[dict[str, str], dict[str, str]]
"""Run by version, and version by alias."""
_NOTHING: _Found = ({}, {})


def _in_database(file: Path, name: str, model: str) -> _Found:
    try:
        with closing(opened(file)) as connection:
            versions = connection.execute(_VERSIONS, (name, tags.MODEL, model)).fetchall()
            aliases = connection.execute(_ALIASES, (name,)).fetchall()
    except sqlite3.DatabaseError:
        return _NOTHING
    return {str(version): str(run) for version, run in versions}, {alias: str(version) for alias, version in aliases}


def _on_server(name: str, model: str) -> _Found:
    from requests import RequestException  # type: ignore[import-untyped]

    condition = f"{query.named(name)} and tags.`{tags.MODEL}` = '{model}'"
    try:
        found = _ask("model-versions/search", filter=condition, max_results="1000")
        about = _ask("registered-models/get", name=name)["registered_model"] if found else {}
        versions = {
            str(version["version"]): str(version["run_id"])
            for version in found.get("model_versions", ())
            if version["status"] == "READY"
        }
        return versions, {entry["alias"]: str(entry["version"]) for entry in about.get("aliases", ())}
    except (RequestException, ValueError, KeyError, TypeError, AttributeError):
        return _NOTHING


def _ask(what: str, **parameters: str) -> dict[str, Any]:
    import requests

    user, password, token = (
        os.environ.get(name)
        for name in (environment.MLFLOW_USER, environment.MLFLOW_PASSWORD, environment.MLFLOW_TOKEN)
    )
    answer = requests.get(
        f"{address.exact().rstrip('/')}/api/2.0/mlflow/{what}",
        params=parameters,
        auth=(user, password) if user and password else None,
        headers={"Authorization": f"Bearer {token}"} if token and not user else {},
        verify=os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or True,
        allow_redirects=False,
        timeout=_SECONDS,
    )
    return dict(answer.json()) if answer.status_code == requests.codes.ok else {}


def experiment_of(run_id: str) -> str | None:
    """Return the id of a run's experiment; None if it cannot be determined."""
    if is_left_to_mlflow():
        return None
    if (file := address.database()) and file.exists():
        with suppress(sqlite3.DatabaseError), closing(opened(file)) as connection:
            found = connection.execute(_EXPERIMENT, (run_id,)).fetchone()
            return str(found[0]) if found else None
    if address.is_server():
        from requests import RequestException

        with suppress(RequestException, ValueError, KeyError, TypeError):
            return str(_ask("runs/get", run_id=run_id)["run"]["info"]["experiment_id"])
    return None


def opened(file: Path) -> sqlite3.Connection:
    """Open MLflow's database read-only; the caller closes it."""
    return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=_SECONDS)
