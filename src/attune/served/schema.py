"""The request and the answer, by column name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune.model.bundle import Prediction
from attune.params import TASKS
from attune.signal import CLASSES

if TYPE_CHECKING:
    from mlflow.models.signature import ModelSignature

SCORES = (*TASKS, *(f"{task}_{name}" for task in TASKS for name in CLASSES))
"""Columns of every answer: a rating of 1 to 5 per task, then the probability of each class."""

ATTENTION = (*(f"{task}_attention" for task in TASKS), "attention_seconds")
"""Columns added on request: per task one weight per window, and the middle of each window in seconds."""


def warnings(names: Sequence[str]) -> str | None:
    """The cell of the column `warnings`: names of what is doubtful about a signal (docs/audio.md); null for nothing."""
    return ", ".join(names) or None


def scores(predictions: Sequence[Prediction | None]) -> pd.DataFrame:
    """One row per prediction with the columns `SCORES`; NaN where there is no prediction."""
    nothing = [np.nan] * len(SCORES)
    rows = [nothing if prediction is None else _numbers(prediction) for prediction in predictions]
    return pd.DataFrame(rows, columns=list(SCORES), dtype=np.float64)


def _numbers(prediction: Prediction) -> list[float]:
    probabilities = [float(p) for task in TASKS for p in prediction.probabilities[task]]
    return [*(float(prediction.scores[task]) for task in TASKS), *probabilities]


def attention(predictions: Sequence[Prediction | None], hop: float, window: float) -> pd.DataFrame:
    """One row per prediction with the columns `ATTENTION`, each a list; None where there is none to tell.

    Args:
        predictions: as for `scores`.
        hop, window: seconds from one window to the next, and its length.
    """
    rows = [_weights(prediction, hop, window) for prediction in predictions]
    return pd.DataFrame(rows, columns=list(ATTENTION), dtype=object)


def _weights(prediction: Prediction | None, hop: float, window: float) -> list[list[float] | None]:
    if prediction is None or prediction.attention is None:
        return [None] * len(ATTENTION)
    weights = [prediction.attention[task].astype(np.float64) for task in TASKS]
    centres = np.arange(len(weights[0])) * hop + window / 2
    return [series.tolist() for series in (*weights, centres.round(6))]


def signature() -> "ModelSignature":
    """MLflow's description of the above, by name; every input column is optional, because one of them suffices."""
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
        *(ColSpec(DataType.double, name) for name in SCORES),
        *(ColSpec(Array(DataType.double), name, required=False) for name in ATTENTION),
        ColSpec(DataType.string, "warnings", required=False),
        ColSpec(DataType.string, "error", required=False),
    ]
    params = [ParamSpec("attention", DataType.boolean, False), ParamSpec("errors", DataType.string, "raise")]
    return ModelSignature(Schema(inputs), Schema(outputs), ParamSchema(params))
