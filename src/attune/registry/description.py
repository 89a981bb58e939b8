"""The description of a model version in MLflow: five lines with its scores."""

from collections.abc import Mapping
from typing import Any

from attune import lineage
from attune.numbers import fixed, networks, spread
from attune.params import Params

_SHOWN = {"uar": ("UAR in %", 100, 1), "ccc": ("CCC", 1, 2)}


def text(params: Params, scores: Mapping[str, Any], git: lineage.Git, data: Mapping[str, str]) -> str:
    """Markdown: system and folds, test scores with intervals, data and commit.

    Args:
        scores: the system's, {partition: {task: {score: {value, low, high, n}}}}.
        data: DVC's md5 by path.
    """
    folds = params.folds
    known = data.get("data/corpus") or data.get("corpus")
    lines = [
        f"**{params.register_.system}**, {networks(len(folds))} of {params.protocol} "
        f"({folds[0]}{f' to {folds[-1]}' if len(folds) > 1 else ''})",
        *(_line(name, scores.get("test", {})) for name in _SHOWN),
        f"Corpus: {params.corpus.kind}{f', md5 {known[:12]}' if known else ''}"
        + (" (synthetic speech: these scores say nothing about real speech)" if _is_synthetic(params) else ""),
        f"Code: attune {lineage.__version__}, commit {(git.commit or 'unknown')[:12]}, {_state(git)}",
    ]
    return "  \n".join(lines)


def _is_synthetic(params: Params) -> bool:
    return params.corpus.kind == "synthetic"


def _line(name: str, test: Mapping[str, Any]) -> str:
    label, factor, digits = _SHOWN[name]
    cells = [
        f"{task} {fixed(factor * score[name]['value'], digits)} "
        f"({spread(factor * score[name]['low'], factor * score[name]['high'], digits)})"
        for task, score in test.items()
        if name in score
    ]
    return f"Test {label}: {', '.join(cells) or 'none'}"


def _state(git: lineage.Git) -> str:
    return "unknown whether clean" if git.changed is None else "with changes" if git.changed else "clean"
