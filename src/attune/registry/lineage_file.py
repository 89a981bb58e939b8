"""A version's full lineage: short values are in its tags, long ones in a file of its run that a tag points to."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from attune import tags
from attune.registry import run_files

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

FOLDER, NAME = "lineage", "lineage.json"
LONG = (tags.PARAMS, tags.SCORES, tags.DVC, tags.GIT_CHANGED)
"""Tags kept in the file only: kilobytes of JSON that nobody reads in MLflow's table."""


def short(facts: Mapping[str, str], run_id: str) -> dict[str, str]:
    """Return the facts that go into the version's tags, with the address of the rest."""
    return {name: text for name, text in facts.items() if name not in LONG} | {
        tags.LINEAGE: f"runs:/{run_id}/{FOLDER}/{NAME}"
    }


def read(client: "MlflowClient", version: "ModelVersion") -> dict[str, str]:
    """Return the full lineage, text by name; only what the tags contain if the version's file is missing or damaged.

    Raises:
        AttuneError: MLflow or its artifact store does not answer.
    """
    own = dict(version.tags)
    run_id, _, path = own.get(tags.LINEAGE, "").removeprefix("runs:/").partition("/")
    if not path:
        return own
    with TemporaryDirectory(prefix="attune-") as folder:
        file = run_files.fetch(client, run_id, path, Path(folder))
        with suppress(ValueError, AttributeError, RecursionError):  # callers that need more than the tags report it
            facts = json.loads(file.read_text(encoding="utf-8")) if file else {}
            return {name: str(fact) for name, fact in facts.items()} | own
    return own
