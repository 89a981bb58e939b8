"""A version's whole lineage: what is short is in its tags, what is long in a file of its run that a tag names."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from attune import tags
from attune.registry import run_files

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
    """All of it, text by name; of a version whose file is gone or damaged, only what its tags say.

    Raises:
        AttuneError: MLflow or its store of artifacts does not answer.
    """
    own = dict(version.tags)
    run_id, _, path = own.get(tags.LINEAGE, "").removeprefix("runs:/").partition("/")
    if not path:
        return own
    file = run_files.fetch(client, run_id, path)
    with suppress(ValueError, AttributeError, RecursionError):  # whoever needs more than the tags says what lacks
        facts = json.loads(file.read_text(encoding="utf-8")) if file else {}
        return {name: str(fact) for name, fact in facts.items()} | own
    return own
