"""`attune import`: a published dimensional model, tested on one's own folds and registered like a model of one's own.

The output of training is written for each fold, with the same model each time; the remaining steps are those of the
graph.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from attune.artifacts.history import HISTORY
from attune.artifacts.models import WEIGHTS
from attune.artifacts.utterances import read_tasks
from attune.features import encoder as encoders
from attune.features import encoder_folder
from attune.model import bundle
from attune.model.others import imported
from attune.params import Params
from attune.steps import attention, evaluate, predict, register, report
from attune.steps.fitting import fold as folds
from attune.steps.fitting import labels
from attune.storage.files import whole_folder
from attune.tasks import Tasks


def run(params: Params, *, source: Path, corpus: Path, validated: Path, store: Path, out: Path) -> None:
    """Write models, predictions and reports into `out`, and register the model as a new version.

    Args:
        source: a folder in Hugging Face's layout.
        corpus, validated, store: written by the steps of those names.

    Raises:
        AttuneError: the model is missing or does not predict the corpus' tasks, inputs are missing or damaged, or
            MLflow does not answer.
    """
    tasks = read_tasks(validated)
    read = imported.read(source, tasks)
    for fold in params.folds:
        labels.check(folds.read(validated, params.protocol, fold), tasks, fold)
    own = _only_imported(params)
    models, predictions, reports = out / "models", out / "predictions", out / "reports"
    _write(own, read, encoder_folder.digest(source), tasks, models / imported.SYSTEM)
    data = {"validated": validated, "store": store}
    for fold in params.folds:
        place = Path(imported.SYSTEM) / fold
        predict.run(own, model=models / place, **data, features=out / "features", out=predictions / place)
    reports.mkdir(parents=True, exist_ok=True)
    metrics, evaluation = reports / "metrics.json", reports / "evaluation"
    given: dict[str, Any] = {"validated": validated, "features": out / "features", "predictions": [predictions]}
    evaluate.run(own, **given, metrics=metrics, out=evaluation)
    made: dict[str, Any] = {"models": (models,), "predictions": (predictions,), "corpus": corpus, **data}
    attended, page = reports / "attention", reports / "index.html"
    attention.run(own, **made, checkpoints=out / "checkpoints", out=attended)
    shown: dict[str, Any] = {"metrics": metrics, "evaluation": evaluation, "attention": attended}
    report.run(own, **made, **shown, curves=reports / "curves.csv", out=page)
    register.run(own, models=(models,), **shown, report=page, out=reports / "registered.json")


def _only_imported(params: Params) -> Params:
    registered = params.register_.model_copy(update={"system": imported.SYSTEM})
    return params.model_copy(update={"systems": [imported.SYSTEM], "register_": registered})


def _write(
    params: Params,
    read: tuple[encoders.Encoder, imported.Head, tuple[str, ...]],
    digest: str,
    tasks: Tasks,
    out: Path,
) -> None:
    """Write a model for each fold, with the weights on disk only once if the file system supports hard links."""
    encoder, head, names = read
    told, states = imported.architecture(encoder, names, digest), imported.states(encoder, head)
    first: Path | None = None
    for fold in params.folds:
        description = bundle.Description(
            protocol=params.protocol,
            system=imported.SYSTEM,
            fold=fold,
            mean=0.0,
            std=1.0,
            class_values={task.name: task.middles for task in tasks},
            seed=params.train.seed,
            best_epoch={},
            tasks=tasks,
        )
        with whole_folder(out / fold) as folder:
            bundle.save(folder, description, states, told)
            HISTORY.write(folder, pd.DataFrame(columns=list(HISTORY.columns)))
            first = first or out / fold
            if first != out / fold:
                _link(first / WEIGHTS, folder / WEIGHTS)


def _link(source: Path, path: Path) -> None:
    """Replace an equal file by a hard link, if the file system supports it."""
    linked = path.with_suffix(".linked")
    with suppress(OSError):
        os.link(source, linked)
        linked.replace(path)
