"""What makes a model this very model: its networks and the scores that are claimed for them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune import tags
from attune.tracking import query

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

WEIGHTS = ("model.safetensors", "model.json")


def digest(folds: Mapping[str, Path], scores: Mapping[str, Any]) -> str:
    """The same for the same networks and scores, wherever and whenever they were made.

    Not of the page, the commit or other parameters: a comment in the code makes no other model.

    Args:
        folds: by fold, the folder written by `attune train`.
        scores: {partition: {task: {score: {value, low, high, n}}}}.
    """
    files = {fold: [_sha256(folder / name) for name in WEIGHTS] for fold, folder in folds.items()}
    return hashlib.sha256(json.dumps([files, scores], sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find(client: "MlflowClient", name: str, model: str) -> "ModelVersion | None":
    """The version of `name` that is the model with this digest, the first where there are several."""
    found = client.search_model_versions(f"{query.named(name)} and tags.`{tags.MODEL}` = '{model}'", max_results=1000)
    return min((version for version in found if version.status == "READY"), key=_number, default=None)


def latest(client: "MlflowClient", name: str) -> "ModelVersion | None":
    """The version with the highest number."""
    return max(client.search_model_versions(query.named(name), max_results=1000), key=_number, default=None)


def _number(version: "ModelVersion") -> int:
    return int(version.version)
