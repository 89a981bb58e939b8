"""The SQLite database that MLflow keeps runs in, made whole or not at all.

MLflow makes the tables of a new database by dozens of migrations, unlocked: two processes that do so at once lose each
other's rows, and one killed in between leaves a database that no later one opens.
"""

from pathlib import Path

from attune.errors import AttuneError
from attune.files import whole_file


def ensure(uri: str) -> None:
    """Make the database of a `sqlite:///PATH` address if its file is missing; leave other addresses to MLflow.

    Raises:
        AttuneError: it cannot be made there.
    """
    from sqlalchemy.engine import make_url

    address = make_url(uri) if uri.startswith("sqlite:") else None
    if address is None or not address.database or address.database == ":memory:":
        return
    path = Path(address.database)
    if path.exists():
        return
    try:
        with whole_file(path, first_stays=True) as made:
            _fill(made)
    except OSError as error:
        raise AttuneError(
            f"MLflow's database cannot be made ({error.strerror})",
            where=path,
            remedy="See that the folder can be written and the disk has space, or choose another MLFLOW_TRACKING_URI.",
        ) from error


def _fill(path: Path) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(f"sqlite:///{path.absolute()}", str(path.parent / "mlruns"))  # type: ignore[no-untyped-call]
    store.engine.dispose()  # no connection may outlive the name it was opened under
