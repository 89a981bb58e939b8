"""The SQLite database that MLflow keeps runs in: made whole or not at all, and going where the project goes.

MLflow makes the tables of a new database by dozens of migrations, unlocked: two processes that do so at once lose each
other's rows, and one killed in between leaves a database that no later one opens. And it writes down absolutely where
artifacts are, so that a folder that was moved is looked for where it was, and a copy writes into the original.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from attune.errors import AttuneError
from attune.files import whole_file
from attune.tracking.address import LOCAL_ARTIFACTS

_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def ensure(path: Path) -> None:
    """Make the database if its file is missing.

    Raises:
        AttuneError: it cannot be made there.
    """
    if path.exists():
        return
    try:
        with whole_file(path, first_stays=True) as made:
            _fill(made)
    except OSError as error:
        raise AttuneError(
            f"MLflow's database cannot be created ({error.strerror})",
            where=path,
            remedy="Check that the folder is writable and the disk has space, or choose another MLFLOW_TRACKING_URI.",
        ) from error


def _fill(path: Path) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # relative, because a folder's name may contain what an address says otherwise
    store = SqlAlchemyStore(f"sqlite:///{os.path.relpath(path)}", str(path.parent / "mlruns"))  # type: ignore[no-untyped-call]
    store.engine.dispose()  # no connection may outlive the name it was opened under


def follow_the_project(path: Path) -> None:
    """Where the database was moved or copied with its artifacts, let it name them where they are now.

    Raises:
        AttuneError: it was moved or copied without them.
    """
    here = path.parent / LOCAL_ARTIFACTS
    try:
        with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
            for written, folder in set(_elsewhere(connection, here)):
                if folder.is_dir() and not here.is_dir():
                    raise AttuneError(
                        f"this database's artifacts are in {folder}: it was moved or copied without them",
                        where=path,
                        remedy=f"Bring the folder {LOCAL_ARTIFACTS} here too, or use the database where it was: "
                        f"MLFLOW_TRACKING_URI=sqlite:///{folder.parent / path.name}",
                    )
                for table, column in _PLACES:
                    connection.execute(
                        f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                        f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                        (here.as_uri(), len(written) + 1, written, len(written) + 1, f"{written}/"),
                    )
                print(f"The project was in {folder.parent}: its artifacts are now those in {here}", file=sys.stderr)
    except sqlite3.DatabaseError:
        return  # no database, or another's: MLflow says what is wrong with it


def _elsewhere(connection: sqlite3.Connection, here: Path) -> Iterator[tuple[str, Path]]:
    """Folders of artifacts that the database names, as written and as paths, but for the one that is beside it."""
    for (written,) in connection.execute("SELECT artifact_location FROM experiments"):
        location = urlsplit(str(written))
        if location.scheme not in ("", "file"):
            continue
        folder = Path(url2pathname(location.path)) if location.scheme else Path(written)
        if folder.name == LOCAL_ARTIFACTS and folder.is_absolute() and folder != here:
            yield str(written), folder
