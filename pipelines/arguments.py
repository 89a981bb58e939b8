"""What one run of a pipeline is given: params.yaml with changes, and where its data is."""

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from attune import params as parameters
from attune.errors import AttuneError
from attune.params import Params
from pipelines.settings import merged


def changes(assignments: Iterable[str]) -> dict[str, Any]:
    """Nested values from `train.epochs=3`, the value being YAML.

    Raises:
        AttuneError: no equals sign, no key, not YAML.
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        keys = path.strip().split(".")
        if not equals or not all(keys):
            raise AttuneError("is not KEY=VALUE", where=assignment, remedy="For example train.learning_rate=3e-4.")
        try:
            value = YAML(typ="safe", pure=True).load(io.StringIO(text))
        except YAMLError as error:
            raise AttuneError(f"its value is not YAML: {' '.join(str(error).split())}", where=assignment) from None
        for key in reversed(keys):
            value = {key: value}
        values = merged(values, value)
    return values


def changed_params(source: str | Path, changes: dict[str, Any]) -> Params:
    """params.yaml (or JSON) with changes on top, checked as a whole.

    Raises:
        AttuneError: as `attune.params.load`: an unknown key, a wrong type, a fold outside the protocol.
    """
    params = parameters.load(source)
    if not changes:
        return params
    return parameters.load(json.dumps(merged(params.model_dump(mode="json", by_alias=True), changes)))


def cells(params: Params) -> list[dict[str, str]]:
    """Every system with every fold: what the training loop runs over."""
    return [{"system": system, "fold": fold} for system in params.systems for fold in params.folds]


def for_training(
    params: Params, *, root: str | None, data_version: str, gate: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Arguments of the training pipeline.

    Args:
        root: where a real corpus is; None for params' own `corpus.root`.
        data_version: what identifies the bytes there.
        gate: minimum scores; None for the pipeline's own.

    Raises:
        AttuneError: a real corpus without a version.
    """
    chosen = root or params.corpus.root
    if params.corpus.kind != "synthetic" and not data_version:
        raise AttuneError(
            "a real corpus needs a version: Kubeflow's cache cannot see the bytes behind a path",
            where=chosen,
            remedy="Give --data-version TEXT (any text that changes when the corpus does), or name the data as "
            "s3://... or by --dvc-path and --dvc-rev.",
        )
    sections: dict[str, Any] = params.model_dump(mode="json", by_alias=True)
    given = {**sections, "cells": cells(params), "root": chosen, "data_version": data_version}
    return given if gate is None else {**given, "gate": dict(gate)}
