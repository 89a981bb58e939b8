"""The columns of requests and answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune.model.bundle import Prediction
from attune.tasks import Tasks

if TYPE_CHECKING:
    from mlflow.models.signature import ModelSignature


def score_columns(tasks: Tasks) -> list[str]:
    """Return the columns of every answer: a score per rated task, on its scale, then the probability of each class."""
    rated = [task.name for task in tasks if task.rated]
    return [*rated, *(f"{task.name}_{name}" for task in tasks for name in task.classes)]


def attention_columns(tasks: Tasks) -> list[str]:
    """Return the columns added on request: per task one weight per window, and the middle of each window in seconds."""
    return [*(f"{task.name}_attention" for task in tasks), "attention_seconds"]


def warnings(names: Sequence[str]) -> str | None:
    """Return the cell of the column `warnings`: names of signal warnings (docs/audio.md); None if there are none."""
    return ", ".join(names) or None


def scores(predictions: Sequence[Prediction | None], tasks: Tasks) -> pd.DataFrame:
    """Return one row of score columns per prediction; NaN where there is no prediction."""
    columns = score_columns(tasks)
    nothing = [np.nan] * len(columns)
    rows = [nothing if prediction is None else _numbers(prediction, tasks) for prediction in predictions]
    return pd.DataFrame(rows, columns=columns, dtype=np.float64)


def _numbers(prediction: Prediction, tasks: Tasks) -> list[float]:
    probabilities = [float(p) for task in tasks for p in prediction.probabilities[task.name]]
    return [*(float(prediction.scores[task.name]) for task in tasks if task.rated), *probabilities]


def attention(predictions: Sequence[Prediction | None], tasks: Tasks, hop: float, window: float) -> pd.DataFrame:
    """Return one row of attention columns per prediction, each cell a list; None where there is no attention.

    Args:
        predictions: as for `scores`.
        hop, window: seconds from one window to the next, and the length of a window.
    """
    columns = attention_columns(tasks)
    nothing: list[list[float] | None] = [None] * len(columns)
    rows = [_weights(prediction, tasks, hop, window) or nothing for prediction in predictions]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _weights(prediction: Prediction | None, tasks: Tasks, hop: float, window: float) -> list[list[float] | None]:
    if prediction is None or prediction.attention is None:
        return []
    weights = [prediction.attention[task.name].astype(np.float64) for task in tasks]
    centres = np.arange(len(weights[0])) * hop + window / 2
    return [series.tolist() for series in (*weights, centres.round(6))]


def signature(tasks: Tasks) -> "ModelSignature":
    """Return MLflow's signature of these columns; every input column is optional, because one of them suffices."""
    from mlflow.models.signature import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import AnyType, Array

    anything: Any = AnyType
    inputs: list[Any] = [
        ColSpec(DataType.string, "audio", required=False),
        ColSpec(DataType.string, "path", required=False),
        ColSpec(anything(), "samples", required=False),
        ColSpec(anything(), "rate", required=False),
        ColSpec(DataType.double, "start", required=False),
        ColSpec(DataType.double, "end", required=False),
    ]
    outputs: list[Any] = [
        *(ColSpec(DataType.double, name) for name in score_columns(tasks)),
        *(ColSpec(Array(DataType.double), name, required=False) for name in attention_columns(tasks)),
        ColSpec(DataType.string, "warnings", required=False),
        ColSpec(DataType.string, "error", required=False),
    ]
    params = [ParamSpec("attention", DataType.boolean, False), ParamSpec("errors", DataType.string, "raise")]
    return ModelSignature(Schema(inputs), Schema(outputs), ParamSchema(params))
