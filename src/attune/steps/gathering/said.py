"""Predictions of every utterance, held as numbers until they can be written in order: 96 bytes for three tasks."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attune.model.bundle import Prediction
from attune.tasks import Tasks, class_names, names_of

GROUP = 4096
"""Utterances that become rows of a table at once."""


class Said:
    """Probabilities and scores by partition and utterance, added in any order and returned in that of `wanted`."""

    def __init__(self, wanted: Mapping[str, Sequence[str]], tasks: Tasks) -> None:
        """Allocate memory.

        Args:
            wanted: utterances by partition.
            tasks: what is predicted; classes that a task does not have, and scores of categories, are null.
        """
        self._tasks, self._names, self._classes = tasks, names_of(tasks), class_names(tasks)
        self._columns = [[self._classes.index(name) for name in task.classes] for task in tasks]
        self._keys = [(partition, name) for partition, names in wanted.items() for name in names]
        self._places = {key: place for place, key in enumerate(self._keys)}
        self._probabilities = np.full((len(self._keys), len(tasks), len(self._classes)), np.nan)
        self._scores = np.full((len(self._keys), len(tasks)), np.nan)

    def take(self, partition: str, utterance: str, found: Prediction) -> None:
        """Store a prediction's numbers, without its attention."""
        place = self._places[partition, utterance]
        for number, (task, columns) in enumerate(zip(self._tasks, self._columns, strict=True)):
            self._probabilities[place, number, columns] = found.probabilities[task.name]
            self._scores[place, number] = found.scores.get(task.name, np.nan)

    def groups(self, system: str, fold: str) -> Iterator[pd.DataFrame]:
        """Yield tables of some utterances each, with one row per utterance and task."""
        for begin in range(0, len(self._keys), GROUP):
            keys = self._keys[begin : begin + GROUP]
            probabilities = self._probabilities[begin : begin + GROUP].reshape(-1, len(self._classes))
            yield pd.DataFrame(
                {
                    "system": system,
                    "fold": fold,
                    "partition": np.repeat([partition for partition, _ in keys], len(self._names)),
                    "utterance": np.repeat([name for _, name in keys], len(self._names)),
                    "task": self._names * len(keys),
                    **dict(zip(self._classes, probabilities.T, strict=True)),
                    "predicted": self._likeliest(begin),
                    "score": self._scores[begin : begin + GROUP].reshape(-1),
                }
            )

    def _likeliest(self, begin: int) -> NDArray[np.intp]:
        """Return the class with the largest probability, numbered within its task."""
        group = self._probabilities[begin : begin + GROUP]
        return np.stack([group[:, place, own].argmax(axis=1) for place, own in enumerate(self._columns)], 1).reshape(-1)
