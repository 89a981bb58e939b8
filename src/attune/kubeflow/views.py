"""What Kubeflow's interface shows of a step: scalars, confusion matrices, pages. Made from what the step wrote."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from attune.artifacts.evaluation import read_confusions
from attune.artifacts.metrics import Metrics
from attune.artifacts.metrics import read as read_metrics
from attune.artifacts.registered import read as read_registered
from attune.artifacts.validation import docs, refused
from attune.kubeflow.executor import Metadata
from attune.params import TASKS
from attune.signal import CLASSES

SCORES = ("uar", "ccc", "mae")


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
    for folder in (refused(outputs["validated"]), outputs["validated"]):
        if docs(folder).exists():
            outputs["docs"].parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(docs(folder), outputs["docs"])
            break
    return {}


def _evaluation(outputs: dict[str, Path]) -> dict[str, Metadata]:
    counts = read_confusions(outputs["scores"])
    system = next(iter(counts))
    matrices: dict[str, Metadata] = {task: _confusion_matrix(system, counts[system][task]) for task in TASKS}
    for task, matrix in matrices.items():  # an artifact without a file is never taken from kfp.local's cache
        outputs[task].write_text(json.dumps(matrix, indent=2) + "\n", encoding="utf-8")
    return {"metrics": scalars(read_metrics(outputs["metrics"], outputs["scores"])), **matrices}


def scalars(metrics: Metrics) -> Metadata:
    """Pooled test scores as `task/score/system`, which Kubeflow's interface sorts; without those of guessing."""
    return {
        f"{task}/{name}/{system}": score.value
        for system in metrics.models
        for task, scores in metrics.of(system).items()
        for name, score in scores.items()
        if name in SCORES
    }


def _confusion_matrix(system: str, counts: Sequence[Sequence[int]]) -> Metadata:
    return {
        "system": system,
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": name} for name in CLASSES],
            "rows": [{"row": row} for row in counts],
        },
    }


def _registered(path: Path) -> Metadata:
    return dict(read_registered(path)._asdict())
