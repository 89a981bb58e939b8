"""From what networks say of a batch to predictions, one for each utterance."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from attune.model import predicting
from attune.model.network import Network
from attune.model.windows import Batch
from attune.params import TASKS, Task

Probabilities = npt.NDArray[np.float64]
Attention = npt.NDArray[np.float32]


class Prediction(NamedTuple):
    """What a model says of one utterance.

    `probabilities`: task -> (3,) of low, middle, high. `scores`: task -> 1 to 5, the probabilities' mean of the
    classes' training ratings. `attention`: task -> (windows,), adding up to 1, or None without attention.
    """

    probabilities: dict[Task, Probabilities]
    scores: dict[Task, float]
    attention: dict[Task, Attention] | None


def of_batch(
    networks: Iterable[Network], batch: Batch, class_values: Mapping[Task, Sequence[float]]
) -> list[Prediction]:
    """Predictions of a batch's utterances, in its order; `class_values` are the classes' mean training ratings."""
    outputs = {task: output for network in networks for task, output in predicting.outputs(network, batch).items()}
    probabilities = {task: outputs[task].logits.double().softmax(1).cpu().numpy() for task in TASKS}
    attention = {
        task: output.attention.cpu().numpy() for task, output in outputs.items() if output.attention is not None
    }
    return [
        Prediction(
            probabilities={task: probabilities[task][row] for task in TASKS},
            scores={task: float(probabilities[task][row] @ np.array(class_values[task])) for task in TASKS},
            attention={task: attention[task][row, :count].copy() for task in TASKS} if attention else None,
        )
        for row, count in enumerate(batch.windows.tolist())
    ]
