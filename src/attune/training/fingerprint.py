"""One digest of everything that a training run's result depends on, so that another run's checkpoint is never used."""

import ast
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

import torch

import attune.model
import attune.training
from attune.training.examples import Examples


def fingerprint(settings: Mapping[str, object], partitions: Sequence[Examples], sums: Sequence[Sequence[int]]) -> str:
    """Return the SHA-256 of settings, utterances with their classes, their waveforms' sums, our code, torch's version.

    Args:
        settings: parameters and names, serialisable as JSON.
        partitions: the training and development examples.
        sums: per utterance, the length, the sum and the sum of squares of its samples.
    """
    facts = {
        "settings": settings,
        "partitions": [_facts(examples) for examples in partitions],
        "sums": sums,
        "code": code(attune.model, attune.training),
        "torch": torch.__version__,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _facts(examples: Examples) -> list[object]:
    ratings = {task: own.tolist() for task, own in examples.ratings.items()}
    helping = {name: own.tolist() for name, own in examples.auxiliary.items()}
    classes = {task: own.tolist() for task, own in examples.classes.items()}
    return [examples.utterances, classes, ratings, helping]


def code(*packages: ModuleType) -> str:
    """Return the SHA-256 of what every Python file in these packages does, whatever its comments and docstrings say."""
    digest = hashlib.sha256()
    for package in packages:
        folder = Path(str(package.__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + _without_words(path.read_bytes()))
    return digest.hexdigest()


def _without_words(source: bytes) -> bytes:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _is_text(statement)]
    return ast.dump(tree).encode()


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
