"""What is trained on: waveforms, or features computed of them, with a class per task."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from attune.features.packed import Frames
from attune.model.objectives.base import Truth
from attune.signal import Waveform

Classes = npt.NDArray[np.int64]
Ratings = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Examples:
    """Utterances of a partition: their lengths, classes (utterances,) by task, and how to get a waveform.

    Where features are trained on, `samples` counts frames and `waveform` gives those. `ratings` (utterances,) from 1 to
    5 are there for the tasks whose objective takes them, `auxiliary` labels (utterances, ...) for auxiliary tasks.
    """

    utterances: tuple[str, ...]
    samples: tuple[int, ...]
    classes: dict[str, Classes]
    waveform: Callable[[str], Waveform | Frames]
    ratings: Mapping[str, Ratings] = field(default_factory=dict)
    auxiliary: Mapping[str, Ratings | Classes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.utterances)

    def truth(self, task: str, positions: Sequence[int], device: torch.device) -> Truth:
        """What is known of a task of some utterances."""
        ratings = self.ratings.get(task)
        known = None if ratings is None else torch.from_numpy(ratings[list(positions)]).to(device)
        return Truth(torch.from_numpy(self.classes[task][list(positions)]).to(device), known)

    def helping(self, positions: Sequence[int], device: torch.device) -> dict[str, Tensor]:
        """The labels of some utterances for auxiliary tasks."""
        return {name: torch.from_numpy(own[list(positions)]).to(device) for name, own in self.auxiliary.items()}
