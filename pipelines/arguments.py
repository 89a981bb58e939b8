"""The arguments of a pipeline run: params.yaml with changes, and where its data is."""

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from attune import params as parameters
from attune.corpus.tabular.described import described
from attune.errors import AttuneError
from attune.features.of_systems import OF_SYSTEM
from attune.params import Params, Ssl
from pipelines import checks
from pipelines.checks import SIZES
from pipelines.data import Data
from pipelines.encoders import is_taken
from pipelines.settings import merged

SECTIONS = (
    *("corpus", "protocol", "folds", "systems", "validate", "preprocess", "ssl", "compute", "train"),
    *("evaluate", "attention", "report", "register"),
)
"""The sections of params.yaml read by the graph's steps; each is an argument of the training pipeline."""

_ABOVE_CHANCE = 0.0007
_NO_FEATURES = ["mtl"]


def changes(assignments: Iterable[str]) -> dict[str, Any]:
    """Parse assignments such as `train.epochs=3`, with YAML values, into nested values.

    Raises:
        AttuneError: no equals sign, no key, or not YAML.
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
    """Return params.yaml (or JSON) with changes applied, validated as a whole.

    Raises:
        AttuneError: the same as for `attune.params.load`: an unknown key, a wrong type, a fold outside the protocol.
    """
    params = parameters.load(source)
    if not changes:
        return params
    return parameters.load(json.dumps(merged(_as_given(params), changes)))


def _as_given(params: Params) -> dict[str, Any]:
    """Return the parameters without defaults, since some of these depend on the given values."""
    return params.model_dump(mode="json", by_alias=True, exclude_unset=True)


def gate(params: Params) -> dict[str, dict[str, float]]:
    """Return the minimum for registering only systems better than chance: for three classes, a UAR above one third.

    Raises:
        AttuneError: params.yaml describes the tasks wrongly.
    """
    tasks = described(params.corpus)
    return {task.name: {"uar": round(task.chance + _ABOVE_CHANCE, 3)} for task in tasks}


def cells(params: Params) -> list[dict[str, str]]:
    """Return every combination of system and fold, over which the training loop runs."""
    return [{"system": system, "fold": fold} for system in params.systems for fold in params.folds]


def featured(params: Params) -> list[str]:
    """Return the systems that use features, sorted; if none does, one that uses none.

    Kubeflow's cache compares arguments and artifacts by identity: if `features` got all systems, adding a network would
    give a new artifact for the others, and retrain them all.
    """
    return sorted(set(params.systems) & set(OF_SYSTEM)) or _NO_FEATURES


def encoder(params: Params) -> dict[str, Any]:
    """Return the section `ssl` if a system uses an encoder, else its defaults."""
    return (params.ssl if is_taken(params) else Ssl()).model_dump(mode="json")


def sections(params: Params) -> dict[str, Any]:
    """Return the sections that the graph reads, as plain values."""
    values = params.model_dump(mode="json", by_alias=True)
    return {name: values[name] for name in SECTIONS}


def for_training(params: Params, data: Data, given: dict[str, Any], *, resizable: bool = True) -> dict[str, Any]:
    """Return the arguments of the training pipeline.

    Args:
        data: where the corpus is.
        given: further arguments by name, such as `gate`; they take precedence. Sections are merged key by key.
        resizable: whether the pipeline has the arguments `SIZES`.

    Raises:
        AttuneError: the pipeline does not have an argument or cannot use it, or more cells than fit into a run.
    """
    params = with_sections(params, given)
    values = {
        **sections(params),
        "cells": cells(params),
        "featured": featured(params),
        "encoder": encoder(params),
        "root": data.root,
        "data_version": data.version,
        "gate": gate(params),
    }
    _check_known(given, [*values, *(SIZES if resizable else ())])
    others = {name: value for name, value in given.items() if name not in SECTIONS}
    arguments = {**values, **_texts(others, values)}
    checks.training(arguments, params)
    return arguments


def with_sections(params: Params, given: dict[str, Any]) -> Params:
    """Return the parameters with the sections among the arguments merged in, validated as a whole.

    Raises:
        AttuneError: the same as for `attune.params.load`.
    """
    own = {name: value for name, value in given.items() if name in SECTIONS}
    if not own:
        return params
    try:
        return parameters.load(json.dumps(merged(_as_given(params), own)))
    except AttuneError as error:
        raise AttuneError(error.what, where="--argument", remedy=error.remedy) from None


def _texts(given: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Convert numbers and null to text if the pipeline expects text: `train_cpu=2`, `model=3`, `data_version=`."""
    return {name: _text(value) if isinstance(defaults.get(name, ""), str) else value for name, value in given.items()}


def _text(value: Any) -> Any:
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def for_scoring(given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the scoring pipeline.

    Raises:
        AttuneError: no audio is given, or the pipeline does not have an argument.
    """
    defaults = {"audio": "", "table": "", "model": "champion"}
    _check_known(given, defaults)
    values = {**defaults, **_texts(given, defaults)}
    checks.text(values, tuple(defaults))
    if not values["audio"]:
        raise AttuneError("which audio?", where="audio", remedy="For example -A audio=s3://bucket/folder.")
    return values


def _check_known(given: Iterable[str], known: Iterable[str]) -> None:
    for name in given:
        if name not in known:
            raise AttuneError(
                f"the pipeline has no argument {name!r}", where="--argument", remedy=f"It has {', '.join(known)}."
            )
