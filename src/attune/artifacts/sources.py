"""provenance.json beside the scores: which weights made the evaluated predictions. Imports no tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attune.artifacts import records
from attune.artifacts.door import reading

if TYPE_CHECKING:
    from attune.artifacts.predictions import Run

_STEP = "evaluate"
_FILE = "provenance.json"


def write(folder: Path, runs: "Sequence[Run]") -> None:
    """Write provenance.json into an existing folder: the digest of the weights for every system and fold."""
    digests: dict[str, dict[str, str]] = {}
    for run in runs:
        digests.setdefault(run.system, {})[run.fold] = run.provenance.weights_sha256
    records.write(folder / _FILE, {"weights_sha256": digests})


def read(folder: Path, systems: Sequence[str], folds: Sequence[str]) -> dict[tuple[str, str], str]:
    """Read the digest of the weights whose predictions were evaluated, for each of these systems and folds.

    Raises:
        AttuneError: the file is missing, has changed, or lacks a system or fold.
    """
    path = folder / _FILE
    values = records.read(path, _STEP)
    with reading(path, _STEP):
        digests = values["weights_sha256"]
        return {(system, fold): str(digests[system][fold]) for system in systems for fold in folds}
