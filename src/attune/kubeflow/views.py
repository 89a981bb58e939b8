"""What Kubeflow's interface shows of a step: scalars, confusion matrices, pages. Made from what the step wrote."""

import json
import shutil
from pathlib import Path
from typing import Any

from attune.kubeflow.executor import Metadata
from attune.params import TASKS
from attune.signal import CLASSES

SCORES = ("uar", "ccc", "mae")
BASELINES = ("chance", "majority")
"""Among the systems in metrics.json."""


def of(step: str, outputs: dict[str, Path]) -> dict[str, Metadata]:
    """Metadata of a step's output artifacts by name; outputs that are nothing but a view are written here.

    Args:
        step: the command that wrote them.
        outputs: its output artifacts by name, those that are views included.
    """
    if step == "validate":
        return _validation(outputs)
    if step == "evaluate":
        return _evaluation(outputs)
    if step == "register":
        return {"registered": _registered(outputs["registered"])}
    return {}


def _validation(outputs: dict[str, Path]) -> dict[str, Metadata]:
    from attune.steps.validate import DOCS, refused

    for folder in (refused(outputs["validated"]), outputs["validated"]):
        if (folder / DOCS).exists():
            outputs["docs"].parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / DOCS, outputs["docs"])
            break
    return {}


def _evaluation(outputs: dict[str, Path]) -> dict[str, Metadata]:
    counts = _json(outputs["scores"] / "confusion.json")
    system = next(iter(counts))
    matrices: dict[str, Metadata] = {task: _confusion_matrix(system, counts[system][task]) for task in TASKS}
    for task, matrix in matrices.items():  # an artifact without a file is never taken from kfp.local's cache
        outputs[task].write_text(json.dumps(matrix, indent=2) + "\n", encoding="utf-8")
    return {"metrics": scalars(_json(outputs["metrics"])), **matrices}


def scalars(metrics: dict[str, Any]) -> Metadata:
    """Pooled test scores as `task/score/system`, which Kubeflow's interface sorts; without those of guessing."""
    return {
        f"{task}/{score}/{system}": held["value"]
        for systems in metrics.values()
        for system, partitions in systems.items()
        if system not in BASELINES
        for task in TASKS
        for score, held in partitions["test"][task].items()
        if score in SCORES and held["value"] is not None
    }


def _confusion_matrix(system: str, counts: list[list[int]]) -> Metadata:
    return {
        "system": system,
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": name} for name in CLASSES],
            "rows": [{"row": row} for row in counts],
        },
    }


def _registered(path: Path) -> Metadata:
    return {key: str(value) for key, value in _json(path).items()}


def _json(path: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held
