"""What a trained model says of itself, and what every trained model can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from attune.features.packed import Frames
from attune.model.answers import Prediction
from attune.params import Task
from attune.signal import SAMPLE_RATE, Waveform


@dataclass(frozen=True)
class Description:
    """What model.json says besides the architecture.

    `mean` and `std` standardise samples in [-1, 1); `class_values` are the mean training ratings of the classes low,
    middle and high; `best_epoch` is by network.
    """

    protocol: str
    system: str
    fold: str
    mean: float
    std: float
    class_values: dict[Task, list[float]]
    seed: int
    best_epoch: dict[str, int]
    sample_rate: int = SAMPLE_RATE


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

    def predict_features(self, features: Sequence[Frames]) -> list[Prediction]: ...
