"""Classes: a softmax over low, middle and high, trained by cross-entropy (Zhang et al. 2019, section 2)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from attune.model.objectives.base import Objective, Said, Together, Truth


class ClassesOnly(Objective):
    """One logit for each class."""

    def idle(self, together: Together, device: torch.device) -> None:
        """Do nothing: the loss is a sum over single utterances."""

    @property
    def outputs(self) -> int:
        return self.classes

    def read(self, outputs: Tensor) -> Said:
        return Said(outputs, None)

    def loss(self, said: Said, truth: Truth, weights: Tensor, together: Together) -> Tensor:
        """Return the class-weighted cross-entropy.

        It is summed, and later divided by the number of utterances rather than by the sum of their weights, so that an
        utterance counts the same in every batch.
        """
        return F.cross_entropy(said.logits, truth.classes, weight=weights, reduction="sum")
