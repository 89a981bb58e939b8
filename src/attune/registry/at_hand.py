"""Read the project's own registry without MLflow, which takes seconds to import: enough to find and fetch a version.

Anything unusual (a server, a database of another MLflow version, authentication) is left to MLflow itself.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from attune.registry import glance
from attune.tracking import address, client, database

if TYPE_CHECKING:
    from mlflow import MlflowClient

SCHEMA = "dc11669786a5"
"""The revision of MLflow's schema that this module reads; databases of other revisions are left to MLflow."""

_VERSIONS = """
SELECT name, version, run_id, source, storage_location, status, creation_time, description FROM model_versions
WHERE name = ? AND workspace = 'default' AND current_stage != 'Deleted_Internal'
"""
_TAGS = "SELECT version, key, value FROM model_version_tags WHERE name = ? AND workspace = 'default'"
_ALIASES = "SELECT alias, version FROM registered_model_aliases WHERE name = ? AND workspace = 'default'"
_MODELS = "SELECT name FROM registered_models WHERE workspace = 'default' ORDER BY name"


def connect() -> "MlflowClient":
    """Return a client that can look up and fetch a version: `AtHand` for a local database, else MLflow's.

    Raises:
        AttuneError: the same as for `attune.tracking.client.connect_to_read`.
    """
    file = address.database()
    if file and file.exists() and not glance.is_left_to_mlflow():
        database.follow_the_project(file)
        if _revision(file) == SCHEMA:
            return cast("MlflowClient", AtHand(file))
    return client.connect_to_read()


def _revision(file: Path) -> str | None:
    try:
        with closing(glance.opened(file)) as connection:
            return next(
                (str(found) for (found,) in connection.execute("SELECT version_num FROM alembic_version")), None
            )
    except sqlite3.DatabaseError:
        return None


class Missing(Exception):  # noqa: N818 - reported the way MLflow does
    """There is no such model, version or alias."""

    error_code = "RESOURCE_DOES_NOT_EXIST"


class Version(NamedTuple):
    """The fields of MLflow's model version that fetching one needs; `files` is its folder on this machine."""

    name: str
    version: str
    run_id: str
    source: str
    status: str
    creation_timestamp: int
    description: str
    tags: Mapping[str, str]
    aliases: Sequence[str]
    files: Path | None


class Model(NamedTuple):
    """A registered model, with the version that each of its aliases points to."""

    name: str
    aliases: Mapping[str, str]


class _Page(list[Any]):
    token = None


class AtHand:
    """The methods of MLflow's client needed to find a version, on the project's own database."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get_registered_model(self, name: str) -> Model:
        """Return a model by name."""
        return _first(model for model in self.search_registered_models() if model.name == name)

    def search_registered_models(self, filter_string: str | None = None, max_results: int = 100) -> list[Model]:
        """Return all models, or only the one that `name='...'` selects."""
        with self._asking() as ask:
            names = [str(name) for (name,) in ask(_MODELS)]
            found = [name for name in names if filter_string is None or name == _named(filter_string)]
            return [Model(name, _aliases(ask, name)) for name in found[:max_results]]

    def get_model_version(self, name: str, version: str) -> Version:
        """Return a version by number."""
        return _first(found for found in self._versions(name) if found.version == str(version))

    def get_model_version_by_alias(self, name: str, alias: str) -> Version:
        """Return the version that an alias points to."""
        return _first(found for found in self._versions(name) if alias in found.aliases)

    def search_model_versions(self, filter_string: str, max_results: int = 1000, page_token: None = None) -> _Page:
        """Return all versions of the model that `name='...'` selects."""
        return _Page(self._versions(_named(filter_string)))

    def _versions(self, name: str) -> list[Version]:
        with self._asking() as ask:
            rows, aliases, tags = ask(_VERSIONS, name), _aliases(ask, name), ask(_TAGS, name)
        return [
            Version(
                str(model), str(number), str(run or ""), str(source), str(status), int(made), text or "",
                tags={key: value for of, key, value in tags if of == number},
                aliases=[alias for alias, of in aliases.items() if of == str(number)],
                files=_folder(stored or source),
            )
            for model, number, run, source, stored, status, made, text in rows
        ]  # fmt: skip

    @contextmanager
    def _asking(self) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
        with closing(glance.opened(self._file)) as connection:
            connection.execute("BEGIN")  # all answers from one moment: an alias may be moved to a new version meanwhile
            yield lambda query, *values: connection.execute(query, values).fetchall()


def _aliases(ask: Callable[..., list[tuple[Any, ...]]], name: str) -> dict[str, str]:
    return {str(alias): str(version) for alias, version in ask(_ALIASES, name)}


def _named(filter_string: str) -> str:
    found = re.fullmatch("name=(.)(.*).", filter_string, re.S)
    return found.group(2) if found else ""


def _first(found: Iterator[Any]) -> Any:
    for one in found:
        return one
    raise Missing


def _folder(location: str) -> Path | None:
    """Return the location as a folder on this machine; None if only MLflow can fetch it."""
    parts = urlsplit(location)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    return Path(location) if not parts.scheme and location.startswith("/") else None
