"""Turn the networks' outputs for a batch into one prediction per utterance."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from attune.model import predicting
from attune.model.network import TaskNetwork
from attune.model.windows import Batch

Probabilities = npt.NDArray[np.float64]
Attention = npt.NDArray[np.float32]


class Prediction(NamedTuple):
    """A model's prediction for one utterance.

    `probabilities`: task -> (classes,). `scores`: rated task -> the predicted rating on the corpus' own scale or, if
    none is predicted, the probability-weighted mean of the classes' training ratings. `attention`: task -> (windows,),
    summing to 1, or None without attention.
    """

    probabilities: dict[str, Probabilities]
    scores: dict[str, float]
    attention: dict[str, Attention] | None


Scores = Callable[[Mapping[str, Probabilities], Mapping[str, float]], dict[str, float]]
"""Maps an utterance's probabilities, and its ratings from 1 to 5 if predicted, to its scores, all by task."""


def of_batch(networks: Iterable[TaskNetwork], batch: Batch, scores: Scores) -> list[Prediction]:
    """Return the predictions for a batch's utterances, in order."""
    outputs = {task: output for network in networks for task, output in predicting.outputs(network, batch).items()}
    probabilities = {task: output.logits.double().softmax(1).cpu().numpy() for task, output in outputs.items()}
    attention = {
        task: output.attention.cpu().numpy() for task, output in outputs.items() if output.attention is not None
    }
    values = {task: output.value.double().cpu().numpy() for task, output in outputs.items() if output.value is not None}
    found = []
    for row, count in enumerate(batch.windows.tolist()):
        own = {task: of_task[row] for task, of_task in probabilities.items()}
        weights = {task: of_task[row, :count].copy() for task, of_task in attention.items()}
        predicted = {task: float(of_task[row]) for task, of_task in values.items()}
        found.append(Prediction(own, scores(own, predicted), weights or None))
    return found
