"""What a trained model says of itself, and what every trained model can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from attune.features.packed import Frames
from attune.model.answers import Prediction, Probabilities
from attune.signal import SAMPLE_RATE, Waveform
from attune.tasks import PAPER, Tasks


@dataclass(frozen=True)
class Description:
    """What model.json says besides the architecture.

    `mean` and `std` standardise samples in [-1, 1); `class_values` are the mean training ratings of each rated task's
    classes, on the corpus' own scale; `best_epoch` is by network.
    """

    protocol: str
    system: str
    fold: str
    mean: float
    std: float
    class_values: dict[str, list[float]]
    seed: int
    best_epoch: dict[str, int]
    sample_rate: int = SAMPLE_RATE
    tasks: Tasks = PAPER

    def scores(
        self, probabilities: Mapping[str, Probabilities], values: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """Of each rated task, its value on the corpus' scale, or the probabilities' mean of the classes' ratings.

        Args:
            values: ratings around 1 to 5, by task, where the network predicts them; beyond the scale, its end counts.
        """
        return {
            task.name: float(task.own(np.clip(values[task.name], 1, 5)))
            if values and task.name in values
            else float(probabilities[task.name] @ np.array(self.class_values[task.name]))
            for task in self.tasks
            if task.rated
        }


class Predictor(Protocol):
    """What every trained model is, whatever is inside."""

    @property
    def description(self) -> Description: ...

    @property
    def weights_sha256(self) -> str: ...

    @property
    def sample_rate(self) -> int: ...

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]: ...


@runtime_checkable
class TakesFeatures(Protocol):
    """A model that can also be given the features that `attune features` computed."""

    def predict_features(self, features: Sequence[Frames], samples: Sequence[int]) -> list[Prediction]:
        """Predict from features of utterances of so many samples."""
        ...
