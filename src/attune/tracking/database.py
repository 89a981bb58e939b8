"""MLflow's SQLite database: created atomically, and moved together with the project.

MLflow creates the tables of a new database by dozens of migrations, unlocked: two processes doing so at once lose each
other's rows, and one killed halfway leaves a database that no later one can open. It also stores absolute paths to
artifacts, so that a moved project's are looked for in the old place, and a copied project writes into the original.
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
from attune.storage.files import whole_file
from attune.tracking.address import LOCAL_ARTIFACTS
from attune.visible import on_a_line

_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def ensure(path: Path) -> None:
    """Create the database if its file is missing.

    Raises:
        AttuneError: it cannot be created there.
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

    # relative, because a folder's name may contain characters that have a meaning in a URI
    store = SqlAlchemyStore(f"sqlite:///{os.path.relpath(path)}", str(path.parent / "mlruns"))  # type: ignore[no-untyped-call]
    store.engine.dispose()  # no connection may outlive the temporary file name


def follow_the_project(path: Path) -> None:
    """If the database was moved or copied with its artifacts, update the paths in it to where they are now.

    Raises:
        AttuneError: it was moved or copied without them, cannot be opened, or has to be updated and is read-only.
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
                was, now = on_a_line(folder.parent), on_a_line(here)
                print(f"The project was in {was}: its artifacts are now those in {now}", file=sys.stderr)
    except sqlite3.DatabaseError as error:
        if "readonly" in str(error):
            raise AttuneError(
                "this database was moved or copied, and cannot note where its artifacts are now: it is not writable",
                where=path,
                remedy="Make it writable for yourself, or copy the whole project to a folder of your own.",
            ) from None
        if "unable to open" in str(error):  # for which MLflow waits over a minute
            raise AttuneError(
                "MLflow's database cannot be opened",
                where=path,
                remedy="Check that it is a file, and who may read and write it.",
            ) from None
        return  # not a database, or not MLflow's: MLflow reports what is wrong with it


def _elsewhere(connection: sqlite3.Connection, here: Path) -> Iterator[tuple[str, Path]]:
    """Yield the artifact folders in the database, as written and as paths, except the one beside it."""
    for (written,) in connection.execute("SELECT artifact_location FROM experiments"):
        location = urlsplit(str(written))
        if location.scheme not in ("", "file"):
            continue
        folder = Path(url2pathname(location.path)) if location.scheme else Path(written)
        if folder.name == LOCAL_ARTIFACTS and folder.is_absolute() and folder != here:
            yield str(written), folder
