"""Means and UAR over the same utterances with clustered intervals, as entries of a summary."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attune.evaluation.bootstrap import (
    Array,
    Draws,
    around,
    clusters,
    interval,
    paired_difference,
    resampled_sums,
    two_sided,
)
from attune.evaluation.scores import drawn, summands, uar
from attune.tasks import PAPER, Tasks

Entry = dict[str, float]
"""``value, low, high, n`` and, for a difference, ``p``."""


class Clustered:
    """Estimates over utterances in a fixed order, with their resamples and true classes."""

    def __init__(
        self,
        order: "pd.Index[str]",
        draws: Draws,
        confidence: float,
        actual: pd.DataFrame | None = None,
        tasks: Tasks = PAPER,
        *,
        who: pd.DataFrame,
    ) -> None:
        """Set what all estimates are over.

        Args:
            order: the utterances.
            draws: ``(resamples, utterances)``, from `attune.evaluation.bootstrap.draw`.
            actual: true classes, indexed by utterance, a column per task; needed only for scores.
            tasks: the tasks of the columns.
            who: ``speaker, dialog`` of the utterances, in their order.
        """
        self._classes = {task.name: len(task.classes) for task in tasks}
        self._order, self._draws, self._confidence, self._actual = order, draws, confidence, actual
        self._who = who

    def mean(self, values: "pd.Series[float]", *, share: bool = False) -> Entry:
        """Return the mean of values by utterance, NaN or absent for those that do not count; p is for a mean of zero.

        Args:
            share: whether each value is 0 or 1, so that an interval can be given even if all are alike.

        Raises:
            ValueError: no value counts.
        """
        column = values.reindex(self._order).to_numpy(dtype=np.float64)
        counted = ~np.isnan(column)
        if not counted.any():
            raise ValueError("no value to average")
        sums = resampled_sums(np.column_stack([np.where(counted, column, 0.0), counted]), self._draws)
        some = sums[sums[:, 1] > 0]
        means = some[:, 0] / some[:, 1]
        low, high = interval(means, self._confidence, self._clusters(np.flatnonzero(counted)) if share else None)
        p = two_sided(means, self._clusters(np.flatnonzero(counted)))
        return {"value": float(column[counted].mean()), "low": low, "high": high, "n": int(counted.sum()), "p": p}

    def uar(self, task: str, predicted: "pd.Series[int]") -> Entry:
        """Return the UAR of predicted classes by utterance."""
        summed = self._summands(task, predicted)
        columns, value = self._columns_of(predicted), float(uar(summed.sum(axis=0)))
        sums = resampled_sums(summed, self._draws, columns)
        low, high = around(value, interval(uar(sums[drawn(sums)]), self._confidence, self._clusters(columns)))
        return {"value": value, "low": low, "high": high, "n": len(predicted)}

    def difference(self, task: str, one: "pd.Series[int]", other: "pd.Series[int]") -> Entry:
        """Return the UAR of one set of predicted classes minus that of another, for the same utterances."""
        pair = self._summands(task, one), self._summands(task, other.reindex(one.index))
        columns = self._columns_of(one)
        found = paired_difference(*pair, uar, self._draws, self._confidence, columns, self._clusters(columns))
        return {**found._asdict(), "n": len(one)}

    def _summands(self, task: str, predicted: "pd.Series[int]") -> Array:
        if self._actual is None:
            raise ValueError("the true classes are not known here")
        actual = self._actual.loc[predicted.index, task]
        return summands(actual, predicted, actual, predicted, self._classes[task])

    def _clusters(self, places: NDArray[np.intp]) -> int:
        own = self._who.iloc[places]
        return clusters(own["speaker"], own["dialog"])

    def _columns_of(self, predicted: "pd.Series[int]") -> NDArray[np.intp]:
        return self._order.get_indexer(predicted.index)
