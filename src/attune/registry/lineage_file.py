"""A version's whole lineage: what is short is in its tags, what is long in a file of its run that a tag names."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from attune import tags

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

FOLDER, NAME = "lineage", "lineage.json"
LONG = (tags.PARAMS, tags.SCORES, tags.DVC, tags.GIT_CHANGED)
"""What does not go into a tag: kilobytes of JSON that nobody reads in MLflow's table."""


def short(facts: Mapping[str, str], run_id: str) -> dict[str, str]:
    """What goes into the version's tags, with the address of the rest."""
    return {name: text for name, text in facts.items() if name not in LONG} | {
        tags.LINEAGE: f"runs:/{run_id}/{FOLDER}/{NAME}"
    }


def read(client: "MlflowClient", version: "ModelVersion") -> dict[str, str]:
    """All of it, text by name; of a version whose file is gone or damaged, only what its tags say."""
    from mlflow.exceptions import MlflowException

    own = dict(version.tags)
    run_id, _, path = own.get(tags.LINEAGE, "").removeprefix("runs:/").partition("/")
    if not path:
        return own
    with suppress(
        MlflowException, OSError, ValueError, AttributeError
    ):  # whoever needs more than the tags says what lacks
        text = Path(client.download_artifacts(run_id, path)).read_text(encoding="utf-8")
        return {name: str(fact) for name, fact in json.loads(text).items()} | own
    return own
