"""The spread of raters on each task (Han et al. 2017 learn the rating and its spread together)."""

import numpy as np
import pandas as pd

from attune.tasks import Tasks
from attune.training.auxiliary.base import Labels, Numbers

ENDING = "_spread"
"""Suffix of the columns that contain the standard deviation over raters."""


class RaterSpread(Numbers):
    """One standard deviation for each rated task, standardised over the training partition."""

    @classmethod
    def labels(cls, utterances: pd.DataFrame, tasks: Tasks) -> Labels:
        columns = [utterances.get(f"{task.name}{ENDING}") for task in tasks if task.rated]
        spreads = np.array([own for own in columns if own is not None and own.notna().any()], np.float64).T
        if not spreads.size:
            return Labels(np.zeros((len(utterances), 0), np.float32), 0)
        spreads -= np.nanmin(spreads, axis=0)  # so that no rounding is left of one that is always the same
        deviation = np.nanstd(spreads, axis=0)
        standardised = (spreads - np.nanmean(spreads, axis=0)) / np.where(deviation > 0, deviation, 1.0)
        return Labels(standardised.astype(np.float32), spreads.shape[1])
