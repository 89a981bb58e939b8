"""A model of linear support vector machines on the 88 eGeMAPS functionals, one per task.

The published table's first row (Zhang et al. 2019). Each pair of classes has its own hyperplane, and the class that
wins most pairs is predicted. Decisions become probabilities by a softmax at a temperature chosen on the development
partition; the predicted class does not depend on it.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from attune.errors import AttuneError
from attune.features import by_speaker, smile
from attune.features.packed import Frames
from attune.model.answers import Prediction
from attune.model.description import Description
from attune.signal import Waveform
from attune.tasks import CLASSES

SYSTEMS = {"egemaps-svm": smile.FUNCTIONALS, "egemaps-svm-transductive": by_speaker.KIND}
"""The systems, and the features that each takes."""

COUNT = smile.COUNTS[smile.FUNCTIONALS]
ARCHITECTURE: dict[str, object] = {"features": "eGeMAPSv02", "functionals": COUNT, "classes": len(CLASSES)}


Array = npt.NDArray[np.float64]


class Machine(NamedTuple):
    """One task's machine: `mean` and `scale` (88,) standardise, `weight` (pairs, 88) and `bias` (pairs,) classify.

    Each hyperplane separates two classes; the positive side is the first of its pair, in the order of `pairs`.
    """

    mean: Array
    scale: Array
    weight: Array
    bias: Array
    temperature: float

    def decisions(self, functionals: Array) -> Array:
        """Return decisions (utterances, classes) from functionals (utterances, 88); missing ones count as the mean.

        A decision is the number of pairs that the class wins, adjusted by less than half a pair for its margins, as in
        scikit-learn.
        """
        standardised = np.nan_to_num((functionals - self.mean) / self.scale)
        margins = standardised @ self.weight.T + self.bias
        parted = pairs(_classes_parted_by(len(self.bias)))
        votes, sums = np.zeros((2, len(functionals), 1 + max(max(pair) for pair in parted)))
        for (first, second), margin in zip(parted, margins.T, strict=True):
            votes[:, first] += margin >= 0
            votes[:, second] += margin < 0
            sums[:, first] += margin
            sums[:, second] -= margin
        return votes + sums / (3 * (np.abs(sums) + 1))

    def probabilities(self, functionals: Array) -> Array:
        scaled = self.decisions(functionals) / self.temperature
        exponentials = np.exp(scaled - scaled.max(1, keepdims=True))
        return exponentials / exponentials.sum(1, keepdims=True)

    def state(self) -> dict[str, Tensor]:
        """Return the machine as tensors by name, to be saved."""
        return {name: torch.from_numpy(np.asarray(value, np.float64)) for name, value in self._asdict().items()}


def pairs(classes: int) -> list[tuple[int, int]]:
    """Return the two classes that each hyperplane separates."""
    return list(combinations(range(classes), 2))


def _classes_parted_by(hyperplanes: int) -> int:
    return next(classes for classes in count(2) if len(pairs(classes)) >= hyperplanes)


class HandCrafted(NamedTuple):
    """The machines of a fold, ready to predict; they have no attention."""

    description: Description
    machines: Mapping[str, Machine]
    weights_sha256: str

    @property
    def sample_rate(self) -> int:
        return self.description.sample_rate

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]:
        """Predict utterances of any lengths, each (samples,) in [-1, 1) at 16 kHz.

        Raises:
            AttuneError: openSMILE is not installed, or the system needs to know a speaker's other utterances.
        """
        if SYSTEMS[self.description.system] == by_speaker.KIND:
            raise AttuneError(
                "needs all utterances of a speaker to standardise one, so it cannot score single recordings",
                where=self.description.system,
                remedy="Use egemaps-svm, which does the same without knowing the speaker.",
            )
        lengths = [len(waveform) for waveform in waveforms]
        return self.predict_features([smile.functionals(waveform) for waveform in waveforms], lengths)

    def predict_features(self, features: Sequence[Frames], samples: Sequence[int]) -> list[Prediction]:
        """Predict utterances from their functionals, each (1, 88)."""
        functionals = np.array(features, np.float64).reshape(-1, COUNT)
        found = {task: machine.probabilities(functionals) for task, machine in self.machines.items()}
        rows = [{task: own[row] for task, own in found.items()} for row in range(len(features))]
        return [Prediction(row, self.description.scores(row), attention=None) for row in rows]


def restore(description: Description, tensors: Mapping[str, Tensor], weights_sha256: str) -> HandCrafted:
    """Rebuild a model from the `Machine.state` of each task, named `<task>.<name>`.

    Raises:
        AttuneError: something is missing or of another shape.
    """
    machines = {}
    for task in description.tasks:
        parts = {name: tensors.get(f"{task.name}.{name}", torch.empty(0)).double().numpy() for name in Machine._fields}
        planes = len(pairs(len(task.classes)))
        if parts["weight"].shape != (planes, COUNT) or parts["bias"].shape != (planes,):
            raise AttuneError(f"contains other weights than {description.system} has for {task.name}")
        mean, scale, weight, bias = (parts[name] for name in ("mean", "scale", "weight", "bias"))
        machines[task.name] = Machine(mean, scale, weight, bias, float(parts["temperature"]))
    return HandCrafted(description, machines, weights_sha256)
