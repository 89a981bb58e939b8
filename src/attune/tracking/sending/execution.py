"""The current execution of the graph: everything since the last registration, or the platform's run."""

import os
import re
import uuid
from pathlib import Path
from typing import NamedTuple

from attune import environment
from attune.storage.files import whole_file
from attune.tracking.sending import spool


class Execution(NamedTuple):
    """An execution of the graph.

    `key` identifies its runs; `run_id` is the MLflow run that the platform started for it, if any.
    """

    key: str
    run_id: str | None

    @property
    def is_local(self) -> bool:
        """Whether it belongs to this folder, not to a pipeline or a platform."""
        return not self.run_id and self.key != os.environ.get(environment.PIPELINE_RUN)


def current() -> Execution:
    """Return the execution this process is part of: the pipeline's, the platform's, or the one open in this folder."""
    given = os.environ.get(environment.MLFLOW_RUN) or None
    return Execution(os.environ.get(environment.PIPELINE_RUN) or given or _open_here(), given)


def is_open() -> bool:
    """Whether an execution is open in this folder; a pipeline's or platform's always is."""
    return bool(os.environ.get(environment.PIPELINE_RUN) or os.environ.get(environment.MLFLOW_RUN)) or _path().exists()


def close() -> None:
    """End the execution open in this folder: the next run belongs to a new one."""
    _path().unlink(missing_ok=True)


def _open_here() -> str:
    with spool.locked(spool.folder(), "execution", wait=10.0):
        found = _read()
        if re.fullmatch("[0-9a-f]{32}", found):  # a power cut may leave it empty or full of zeros
            return found
        key = uuid.uuid4().hex
        with whole_file(_path()) as file:
            file.write_text(key, encoding="utf-8")
        return key


def _read() -> str:
    try:
        return _path().read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:  # none is open, perhaps since this moment
        return ""


def _path() -> Path:
    return spool.folder() / "execution"
