"""A trained model's two files: `model.safetensors` and `model.json`, which describes it and contains both digests.

Where several folders contain a model of the same system and fold (a copy, say), the one whose weights made the
predictions is used.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attune.artifacts import records
from attune.artifacts.door import again, legible, reading
from attune.errors import AttuneError
from attune.storage import sums

DESCRIPTION, WEIGHTS = "model.json", "model.safetensors"
_STEP = "train"
_FIELDS = {
    **dict.fromkeys(("protocol", "system", "fold", "weights_sha256"), str),
    **{"seed": int, "parameters": int, "architecture": dict},
}

Cell = tuple[str, str]
"""A system and a fold."""


def write(folder: Path, description: Mapping[str, Any], weights: bytes) -> None:
    """Write both files into an existing folder; model.json includes the digest of the weights and its own."""
    (folder / WEIGHTS).write_bytes(weights)
    digest = hashlib.sha256(weights).hexdigest()
    records.write_alone(folder / DESCRIPTION, {**description, "weights_sha256": digest})
    for name in (WEIGHTS, DESCRIPTION):
        sums.enter(folder / name)


def read_description(folder: Path) -> dict[str, Any]:
    """Read model.json.

    Raises:
        AttuneError: the file is missing, has changed, or does not describe a model.
    """
    path = folder / DESCRIPTION
    values = records.read_alone(path, _STEP)
    for name, kind in _FIELDS.items():
        if not isinstance(values.get(name), kind):
            said = f"its {name!r} is not of the right type" if name in values else f"it lacks {name!r}"
            raise AttuneError(f"does not describe a model: {said}", where=path, remedy=again(_STEP))
    return values


def read_weights(folder: Path, digest: str) -> bytes:
    """Read the content of model.safetensors, whose digest is in model.json.

    Raises:
        AttuneError: the file is missing, or does not match model.json.
    """
    path = folder / WEIGHTS
    with reading(path, _STEP):
        content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise AttuneError("is damaged, or belongs to another model.json", where=path, remedy=again(_STEP))
    return content


def find(models: Sequence[Path], weights: Mapping[Cell, str]) -> dict[Cell, Path]:
    """Find the folder of every system and fold, at or below `models`, in the order of `weights`.

    Args:
        models: folders written by `attune train`, or folders above several.
        weights: by system and fold, the digest of the weights that made the predictions.

    Raises:
        AttuneError: a model is missing or unreadable, or has other weights than those that made the predictions.
    """
    found: dict[Cell, list[tuple[Path, str]]] = {}
    descriptions, errors = legible(_folders(models), read_description)
    for folder, about in descriptions.items():
        found.setdefault((about["system"], about["fold"]), []).append((folder, about["weights_sha256"]))
    if errors and not weights.keys() <= found.keys():
        raise errors[0]
    return {cell: _of(cell, found.get(cell, []), digest, models) for cell, digest in weights.items()}


def _folders(models: Sequence[Path]) -> Iterable[Path]:
    """Return the folders with a model, without half-written (hidden) ones."""
    files = {file for path in models for file in path.rglob(DESCRIPTION) if not _hidden(file.relative_to(path))}
    return (file.parent for file in sorted(files))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _of(cell: Cell, candidates: list[tuple[Path, str]], digest: str, models: Sequence[Path]) -> Path:
    system, fold = cell
    if not candidates:
        raise AttuneError(
            f"no model of {system} for fold {fold}",
            where=", ".join(map(str, models)),
            remedy=f"Run `attune train --system {system} --fold {fold} ...`, or name its folder with --models.",
        )
    for folder, own in candidates:
        if own == digest:
            return folder
    raise AttuneError(
        f"the predictions of {system} on {fold} came from other weights (SHA-256 {digest[:12]}...) than these",
        where=", ".join(str(folder) for folder, _ in candidates),
        remedy="Run `attune predict` and `attune evaluate` again, or restore the weights.",
    )
