"""The training speaker, adversarially: the shared part learns not to reveal it (Ganin et al. 2016, section 4).

The head learns to tell speakers apart; its gradient is reversed on its way back to what all tasks share.
"""

from typing import Any

import pandas as pd
import torch
from torch import Tensor

from attune.tasks import Tasks
from attune.training.auxiliary.base import Kinds, Labels


class Speaker(Kinds):
    """Speakers of several utterances of the training partition: an unknown one has a single utterance."""

    column = "speaker"

    @classmethod
    def labels(cls, utterances: pd.DataFrame, tasks: Tasks) -> Labels:
        known = utterances["speaker"].duplicated(keep=False)
        return super().labels(utterances.assign(speaker=utterances["speaker"].where(known, None)), tasks)

    def answers(self, shared: Tensor, frames: Tensor) -> Tensor:
        turned: Tensor = _Reversed.apply(shared)  # type: ignore[no-untyped-call]
        return super().answers(turned, frames)


class _Reversed(torch.autograd.Function):
    """The identity forwards, and the negated gradient backwards."""

    @staticmethod
    def forward(ctx: Any, shared: Tensor) -> Tensor:
        return shared.view_as(shared)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return -gradient
