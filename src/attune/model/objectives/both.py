"""Both: classes and a rating from one last layer; the losses of `classes` and `values` are summed."""

import torch
from torch import Tensor

from attune.model.objectives.base import Objective, Said, Together, Truth
from attune.model.objectives.classes import ClassesOnly
from attune.model.objectives.values import MIDDLE, absent, discordance


class Both(Objective):
    """One logit for each class, and a rating that is the score."""

    takes_ratings = True

    def idle(self, together: Together, device: torch.device) -> None:
        absent(together, device)

    @property
    def outputs(self) -> int:
        return self.classes + 1

    def read(self, outputs: Tensor) -> Said:
        return Said(outputs[:, : self.classes], MIDDLE + outputs[:, self.classes])

    def loss(self, said: Said, truth: Truth, weights: Tensor, together: Together) -> Tensor:
        of_classes = ClassesOnly(self.classes).loss(said, truth, weights, together)
        return of_classes + discordance(said, truth, together)
