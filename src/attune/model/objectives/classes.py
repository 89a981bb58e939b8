"""Classes: a softmax over low, middle and high, trained by cross-entropy (Zhang et al. 2019, section 2)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from attune.model.objectives.base import Objective, Said, Together, Truth


class ClassesOnly(Objective):
    """One logit for each class."""

    def idle(self, together: Together, device: torch.device) -> None:
        """Nothing: utterances count one by one."""

    @property
    def outputs(self) -> int:
        return self.classes

    def read(self, outputs: Tensor) -> Said:
        return Said(outputs, None)

    def loss(self, said: Said, truth: Truth, weights: Tensor, together: Together) -> Tensor:
        """The class-weighted cross-entropy.

        Added up, and later divided by the number of utterances rather than by their weights' sum, an utterance counts
        the same whatever batch it falls into.
        """
        return F.cross_entropy(said.logits, truth.classes, weight=weights, reduction="sum")
