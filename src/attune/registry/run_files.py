"""Files of a run: one that is not there is told apart from a store that does not answer."""

from pathlib import Path
from typing import TYPE_CHECKING

from attune.errors import AttuneError
from attune.tracking.faults import answering, is_missing, is_theirs

if TYPE_CHECKING:
    from mlflow import MlflowClient


def fetch(client: "MlflowClient", run_id: str, path: str, into: Path | None = None) -> Path | None:
    """A file of a run, on this machine; None where the run has no such file, or there is no such run.

    Args:
        path: relative to the run's artifacts.
        into: an existing folder to put it into; a temporary one by default.

    Raises:
        AttuneError: MLflow or its store of artifacts does not answer, or refuses.
    """
    with answering():
        try:
            beside = client.list_artifacts(run_id, str(Path(path).parent))
            if path not in {file.path for file in beside if not file.is_dir}:
                return None
            return Path(client.download_artifacts(run_id, path, str(into) if into else None))
        except Exception as error:  # MLflow's class is imported late; what does not mean missing goes on
            if is_missing(error):
                return None
            if is_theirs(error) or not isinstance(error, OSError):
                raise
            what = f"{path} of run {run_id} cannot be read ({error.strerror or error})"
            raise AttuneError(what, where=error.filename) from None
