"""The base class of auxiliary tasks: labels that utterances may have, and a head on what all tasks share.

It helps to train the shared part and is not part of the model: neither saved with it nor served. The head is a linear
map to 128 values for every frame, their mean, and an output layer, so that it adds little training time.
"""

from abc import abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attune.model.others.encoder_network import Head
from attune.tasks import Tasks

UNKNOWN = -1

_NO_LABEL = ("", "unknown")


class Labels(NamedTuple):
    """Labels of utterances: a class each (utterances,), or `UNKNOWN`; or numbers (utterances, outputs), or NaN.

    `outputs` is the number of classes or numbers, 0 if nothing is known.
    """

    values: npt.NDArray[np.int64] | npt.NDArray[np.float32]
    outputs: int

    @property
    def differing(self) -> int:
        """The number of different labels."""
        are_classes = np.issubdtype(self.values.dtype, np.integer)
        return self.outputs if are_classes else len(np.unique(self.values[np.isfinite(self.values)]))


class Auxiliary(nn.Module):
    """One auxiliary task on a front end with `width` values per frame."""

    column: ClassVar[str | None] = None
    """Column of the utterances' table that contains its labels; None if it has a column for each task."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.head = Head(outputs, width=width, attention="mean")

    @classmethod
    @abstractmethod
    def labels(cls, utterances: pd.DataFrame, tasks: Tasks) -> Labels:
        """Return the labels of training utterances."""

    def reset_parameters(self) -> None:
        self.head.reset_parameters()

    def answers(self, shared: Tensor, frames: Tensor) -> Tensor:
        """Return its outputs (batch, outputs) from what all tasks share (batch, frames, width)."""
        return self.head(shared, frames).logits

    @abstractmethod
    def loss(self, answers: Tensor, labels: Tensor) -> Tensor:
        """Return the loss summed over the utterances whose label is known."""


class Kinds(Auxiliary):
    """Classification, by cross-entropy."""

    @classmethod
    def labels(cls, utterances: pd.DataFrame, tasks: Tasks) -> Labels:
        given = utterances[cls.column]
        names = given.where(~given.str.lower().isin(_NO_LABEL), None)
        known = sorted(names.dropna().unique())
        numbers = {name: number for number, name in enumerate(known)}
        return Labels(names.map(numbers).fillna(UNKNOWN).to_numpy(np.int64), len(known))

    def loss(self, answers: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(answers, labels, ignore_index=UNKNOWN, reduction="sum")


class Numbers(Auxiliary):
    """Regression of numbers with mean 0 and deviation 1, by half their squared error."""

    def loss(self, answers: Tensor, labels: Tensor) -> Tensor:
        known = labels.isfinite()
        return (torch.where(known, answers - labels.nan_to_num(), 0.0).square() / 2).mean(1).sum()
