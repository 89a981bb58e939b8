"""What was said of every utterance, kept as numbers until all of it can be written in order: 96 bytes an utterance."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from attune.model.bundle import Prediction
from attune.params import TASKS
from attune.signal import CLASSES

GROUP = 4096
"""Utterances that become rows of a table at once."""


class Said:
    """Probabilities and scores by partition and utterance, taken in any order and given back in that of `wanted`."""

    def __init__(self, wanted: Mapping[str, Sequence[str]]) -> None:
        """Make room.

        Args:
            wanted: utterances by partition.
        """
        self._keys = [(partition, name) for partition, names in wanted.items() for name in names]
        self._places = {key: place for place, key in enumerate(self._keys)}
        self._probabilities = np.full((len(self._keys), len(TASKS), len(CLASSES)), np.nan)
        self._scores = np.full((len(self._keys), len(TASKS)), np.nan)

    def take(self, partition: str, utterance: str, found: Prediction) -> None:
        """Keep the numbers of a prediction, not its attention."""
        place = self._places[partition, utterance]
        self._probabilities[place] = [found.probabilities[task] for task in TASKS]
        self._scores[place] = [found.scores[task] for task in TASKS]

    def groups(self, system: str, fold: str) -> Iterator[pd.DataFrame]:
        """Tables of some utterances each, one row per utterance and task."""
        for begin in range(0, len(self._keys), GROUP):
            keys = self._keys[begin : begin + GROUP]
            probabilities = self._probabilities[begin : begin + GROUP].reshape(-1, len(CLASSES))
            yield pd.DataFrame(
                {
                    "system": system,
                    "fold": fold,
                    "partition": np.repeat([partition for partition, _ in keys], len(TASKS)),
                    "utterance": np.repeat([name for _, name in keys], len(TASKS)),
                    "task": list(TASKS) * len(keys),
                    **dict(zip(CLASSES, probabilities.T, strict=True)),
                    "predicted": probabilities.argmax(axis=1),
                    "score": self._scores[begin : begin + GROUP].reshape(-1),
                }
            )
