"""From what networks say of a batch to predictions, one for each utterance."""

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
    """What a model says of one utterance.

    `probabilities`: task -> (classes,). `scores`: rated task -> on the corpus' own scale, the probabilities' mean of
    the classes' training ratings. `attention`: task -> (windows,), adding up to 1, or None without attention.
    """

    probabilities: dict[str, Probabilities]
    scores: dict[str, float]
    attention: dict[str, Attention] | None


Scores = Callable[[Mapping[str, Probabilities]], dict[str, float]]
"""From the probabilities of an utterance, by task, to the scores of its rated tasks."""


def of_batch(networks: Iterable[TaskNetwork], batch: Batch, scores: Scores) -> list[Prediction]:
    """Predictions of a batch's utterances, in its order."""
    outputs = {task: output for network in networks for task, output in predicting.outputs(network, batch).items()}
    probabilities = {task: output.logits.double().softmax(1).cpu().numpy() for task, output in outputs.items()}
    attention = {
        task: output.attention.cpu().numpy() for task, output in outputs.items() if output.attention is not None
    }
    found = []
    for row, count in enumerate(batch.windows.tolist()):
        own = {task: of_task[row] for task, of_task in probabilities.items()}
        weights = {task: of_task[row, :count].copy() for task, of_task in attention.items()}
        found.append(Prediction(own, scores(own), weights or None))
    return found
