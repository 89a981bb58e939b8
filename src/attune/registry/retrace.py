"""Trace a version back to the code, data and parameters it was made from."""

import json
import shlex
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from attune.errors import AttuneError
from attune.registry import lineage_file
from attune.tracking.client import answering

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

FILES = ("params.yaml", "dvc.lock")
"""Files kept with the run under `lineage/`, which `restore` puts back."""


def facts(client: "MlflowClient", version: "ModelVersion") -> dict[str, Any]:
    """Return the lineage of a version by name, with JSON parsed.

    Raises:
        AttuneError: the version has no lineage.
    """
    found = {name.removeprefix("attune."): _parsed(text) for name, text in sorted(_lineage(client, version).items())}
    if not found:
        raise AttuneError(
            f"version {version.version} of {version.name} has no lineage",
            remedy="Only `attune register`, the last step of the graph, registers versions with their lineage.",
        )
    return found


def _lineage(client: "MlflowClient", version: "ModelVersion") -> dict[str, str]:
    return {name: text for name, text in lineage_file.read(client, version).items() if name.startswith("attune.")}


def _parsed(text: str) -> Any:
    """Parse JSON only where it cannot be plain text: version 1.0 is not a number."""
    if text[:1] not in ("{", "[") and text not in ("true", "false"):
        return text
    try:
        return json.loads(text)
    except ValueError:  # edited in MLflow
        return text


def commands(version: "ModelVersion", commit: str) -> list[str]:
    """Return shell commands that check out a version's source state beside this repository and run the graph again.

    Whatever is still in DVC's cache is taken from there; the rest is rebuilt, byte for byte the same.
    """
    folder = shlex.quote(f"../{version.name}-{version.version}")
    return [
        "CACHE=$(dvc cache dir)",
        f"git worktree add --detach {folder} {commit}",
        f"attune lineage {shlex.quote(f'{version.name}/{version.version}')} --files {folder}",
        f"cd {folder}",
        'dvc cache dir --local "$CACHE"',
        "dvc checkout --force --allow-missing",
        "make run",
    ]


def restore(client: "MlflowClient", version: "ModelVersion", folder: Path) -> list[Path]:
    """Write the parameters and `dvc.lock` of a version into a folder, overwriting; return the paths written.

    Raises:
        AttuneError: there is no such folder, or the version's run has no such files.
    """
    if not folder.is_dir():
        raise AttuneError("there is no such folder", where=folder, remedy="Check the commit out there first.")
    run_id = str(version.run_id)
    with answering():
        kept = {Path(file.path).name for file in client.list_artifacts(run_id, "lineage")}
        names = [name for name in FILES if name in kept]
        if not names:
            raise AttuneError(
                f"the run of version {version.version} has no parameters",
                where=run_id,
                remedy="Restore that run's artifacts, or delete the version in MLflow and register the model again.",
            )
        with TemporaryDirectory(prefix="attune-") as into:
            for name in names:
                shutil.copyfile(client.download_artifacts(run_id, f"lineage/{name}", into), folder / name)
    return [folder / name for name in names]
