"""Training examples: waveforms, or features computed from them, with a class per task."""

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
    """Utterances of a partition: their lengths, classes (utterances,) by task, and a function to get a waveform.

    For features, `samples` counts frames and `waveform` returns them. `ratings` (utterances,) from 1 to 5 are given
    for tasks whose objective takes them, `auxiliary` labels (utterances, ...) for auxiliary tasks.
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
        """Return a task's targets for the utterances at these positions."""
        ratings = self.ratings.get(task)
        known = None if ratings is None else torch.from_numpy(ratings[list(positions)]).to(device)
        return Truth(torch.from_numpy(self.classes[task][list(positions)]).to(device), known)

    def helping(self, positions: Sequence[int], device: torch.device) -> dict[str, Tensor]:
        """Return the auxiliary tasks' labels for the utterances at these positions."""
        return {name: torch.from_numpy(own[list(positions)]).to(device) for name, own in self.auxiliary.items()}
