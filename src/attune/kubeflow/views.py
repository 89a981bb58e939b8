"""What Kubeflow's interface shows for a step (scalars, confusion matrices, pages), made from the step's outputs."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from attune.artifacts.evaluation import read_confusions, read_tested_tasks
from attune.artifacts.metrics import Metrics
from attune.artifacts.metrics import read as read_metrics
from attune.artifacts.registered import read as read_registered
from attune.artifacts.validation import docs, refused
from attune.kubeflow.executor import Metadata
from attune.tasks import Task

SCORES = ("uar", "ccc", "mae")


def of(step: str, outputs: dict[str, Path]) -> dict[str, Metadata]:
    """Return metadata of a step's output artifacts by name; outputs that are only a view are written here.

    Args:
        step: the command that wrote them.
        outputs: its output artifacts by name, including views.
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
    counts, tasks = read_confusions(outputs["scores"]), read_tested_tasks(outputs["scores"])
    tables = [_table(system, task, own[task.name]) for system, own in counts.items() for task in tasks]
    outputs["confusions"].write_text("\n".join([_HEAD, *tables, ""]), encoding="utf-8")
    return {"metrics": scalars(read_metrics(outputs["metrics"], outputs["scores"]))}


_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Confusions</title>
<style>body { font-family: sans-serif; } td, th { padding: .3em .8em; text-align: right; }</style>
<p>Utterances of the test partition by rated class (rows) and predicted class (columns).</p>"""


def _table(system: str, task: Task, counts: Sequence[Sequence[int]]) -> str:
    """Render a confusion matrix; task and class names consist of letters, digits and underscores."""
    head = "".join(f"<th>{name}</th>" for name in task.classes)
    rows = [
        f"<tr><th>{name}</th>{''.join(f'<td>{number}</td>' for number in row)}</tr>"
        for name, row in zip(task.classes, counts, strict=True)
    ]
    return (
        f"<h2>{system}: {task.title.lower()}</h2>\n<table><tr><th></th>{head}</tr>\n" + "\n".join(rows) + "\n</table>"
    )


def scalars(metrics: Metrics) -> Metadata:
    """Return pooled test scores as `task/score/system`, which Kubeflow's interface sorts; without those of guessing."""
    return {
        f"{task}/{name}/{system}": score.value
        for system in metrics.models
        for task, scores in metrics.of(system).items()
        for name, score in scores.items()
        if name in SCORES
    }


def _registered(path: Path) -> Metadata:
    return dict(read_registered(path)._asdict())
