"""The origin of a run (user, source, commit) in the tags that MLflow shows in its own columns."""

import getpass
import os
from pathlib import Path

from attune import environment, lineage

USER, SOURCE, SOURCE_TYPE, COMMIT = (
    "mlflow.user",
    "mlflow.source.name",
    "mlflow.source.type",
    "mlflow.source.git.commit",
)
NOTE = "mlflow.note.content"
"""The tag with a run's description."""


def tags() -> dict[str, str]:
    """Return user, source and commit of this process; unknown ones are left out."""
    on_cluster = os.environ.get(environment.PIPELINE_RUN)
    found = {
        USER: user(),
        SOURCE: f"pipeline run {on_cluster}" if on_cluster else "dvc repro",
        SOURCE_TYPE: "JOB" if on_cluster else "PROJECT",
        COMMIT: lineage.git_state(Path()).commit or "",
    }
    return {name: text for name, text in found.items() if text}


def user() -> str:
    """Return the user known to the tracking server, else the user of this machine."""
    try:
        return os.environ.get(environment.MLFLOW_USER) or getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"
