"""Fetch files of a run, distinguishing a missing file from an artifact store that does not answer."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attune.errors import AttuneError
from attune.tracking.faults import answering, is_missing, is_theirs

if TYPE_CHECKING:
    from mlflow import MlflowClient


def fetch(client: "MlflowClient", run_id: str, path: str, into: Path | None = None) -> Path | None:
    """Download a file of a run; return None if the run has no such file or does not exist.

    Args:
        path: relative to the run's artifacts.
        into: an existing folder to download into; a temporary one by default.

    Raises:
        AttuneError: MLflow or its artifact store does not answer, or refuses.
    """
    parent, _, name = path.rpartition("/")
    found = fetch_all(client, run_id, parent, [name], into)
    return found[0] if found else None


def fetch_all(
    client: "MlflowClient", run_id: str, folder: str, names: Sequence[str], into: Path | None = None
) -> list[Path]:
    """The same for several files of one folder; return an empty list if one of them is missing.

    Queries the run and the folder once: MLflow's client sends nine requests per file.
    """
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    paths = [f"{folder}/{name}" for name in names]
    with answering():
        try:
            store = get_artifact_repository(client.get_run(run_id).info.artifact_uri)
            if not {*paths} <= {file.path for file in store.list_artifacts(folder) if not file.is_dir}:
                return []
            return [Path(store.download_artifacts(path, str(into) if into else None)) for path in paths]  # type: ignore[no-untyped-call]
        except Exception as error:  # MLflow's class is imported late; what does not mean missing is raised again
            if is_missing(error):
                return []
            if is_theirs(error) or not isinstance(error, OSError):
                raise
            what = f"{folder} of run {run_id} cannot be read ({error.strerror or error})"
            remedy = "See that the folder is there, that it may be written and that the disk has space."
            raise AttuneError(what, where=error.filename, remedy=remedy) from None
