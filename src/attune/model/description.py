"""The description of a trained model, and the interface of every trained model."""

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
    """The contents of model.json other than the architecture.

    `mean` and `std` standardise samples in [-1, 1); `class_values` are the mean training ratings of each rated task's
    classes, on the corpus' own scale; `best_epoch` is per network.
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
        """Return each rated task's rating on the corpus' scale, or the probability-weighted mean of class ratings.

        Args:
            values: predicted ratings from about 1 to 5, by task, if there are any; clipped to 1 to 5.
        """
        return {
            task.name: float(task.own(np.clip(values[task.name], 1, 5)))
            if values and task.name in values
            else float(probabilities[task.name] @ np.array(self.class_values[task.name]))
            for task in self.tasks
            if task.rated
        }


class Predictor(Protocol):
    """The interface of every trained model."""

    @property
    def description(self) -> Description: ...

    @property
    def weights_sha256(self) -> str: ...

    @property
    def sample_rate(self) -> int: ...

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]: ...


@runtime_checkable
class TakesFeatures(Protocol):
    """A model that can also predict from the features that `attune features` computed."""

    def predict_features(self, features: Sequence[Frames], samples: Sequence[int]) -> list[Prediction]:
        """Predict from the features of utterances with the given numbers of samples."""
        ...
