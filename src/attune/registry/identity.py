"""The identity of a model: its networks and their reported scores."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune import tags
from attune.artifacts.door import reading
from attune.tracking import query

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

WEIGHTS = ("model.safetensors", "model.json")


def digest(folds: Mapping[str, Path], scores: Mapping[str, Any]) -> str:
    """Return a digest that depends only on the networks and scores, not on when or where they were made.

    The page, the commit and other parameters do not count: a new comment in the code does not make a new model.

    Args:
        folds: by fold, the folder written by `attune train`.
        scores: {partition: {task: {score: {value, low, high, n}}}}.

    Raises:
        AttuneError: a file of a network is missing or cannot be read.
    """
    files = {fold: [_sha256(folder / name) for name in WEIGHTS] for fold, folder in folds.items()}
    return hashlib.sha256(json.dumps([files, scores], sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with reading(path, "train"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find(client: "MlflowClient", name: str, model: str) -> "ModelVersion | None":
    """Return the version of `name` that has this model digest, the first if there are several."""
    found = client.search_model_versions(f"{query.named(name)} and tags.`{tags.MODEL}` = '{model}'", max_results=1000)
    return min((version for version in found if version.status == "READY"), key=_number, default=None)


def latest(client: "MlflowClient", name: str) -> "ModelVersion | None":
    """Return the version with the highest number."""
    return max(client.search_model_versions(query.named(name), max_results=1000), key=_number, default=None)


def _number(version: "ModelVersion") -> int:
    return int(version.version)
