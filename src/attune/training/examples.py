"""What is trained on: waveforms, or features computed of them, with a class per task."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attune.features.packed import Frames
from attune.signal import Waveform

Classes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Examples:
    """Utterances of a partition: their lengths, classes (utterances,) by task, and how to get a waveform.

    Where features are trained on, `samples` counts frames and `waveform` gives those.
    """

    utterances: tuple[str, ...]
    samples: tuple[int, ...]
    classes: dict[str, Classes]
    waveform: Callable[[str], Waveform | Frames]

    def __len__(self) -> int:
        return len(self.utterances)
