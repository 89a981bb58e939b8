"""Values: one rating per task, trained on one minus the concordance within a batch (Tzirakis et al. 2018).

Classes follow from the rating by the corpus' own edges, their probabilities from its distances to the classes
(`attune.model.ratings`); the probabilities are not calibrated.
"""

import torch
from torch import Tensor

from attune.model.objectives.base import Objective, Said, Together, Truth
from attune.model.ratings import linear_logits

MIDDLE = 3.0
"""The middle of ratings from 1 to 5, to which the last layer's output is added."""

MOMENTS = 6
"""The number of sums that a concordance is computed from."""


class Values(Objective):
    """One rating; class weights play no part."""

    takes_ratings = True

    def idle(self, together: Together, device: torch.device) -> None:
        absent(together, device)

    @property
    def outputs(self) -> int:
        return 1

    def read(self, outputs: Tensor) -> Said:
        value = MIDDLE + outputs[:, 0]
        return Said(linear_logits(value, self.classes), value)

    def loss(self, said: Said, truth: Truth, weights: Tensor, together: Together) -> Tensor:
        return discordance(said, truth, together)


def discordance(said: Said, truth: Truth, together: Together) -> Tensor:
    """Return one minus the concordance over the whole batch, once for each utterance of this share of it.

    The gradient is that of the whole batch with respect to this share; the shares of other processes are constants.
    """
    assert said.value is not None
    assert truth.ratings is not None
    own = _moments(said.value, truth.ratings)
    whole = own + (together(own.detach()) - own.detach())
    loss = 1 - _concordance(whole)
    constant = loss.detach()
    return own[0].detach() * constant + whole[0].detach() * (loss - constant)


def absent(together: Together, device: torch.device) -> None:
    """Contribute zeros in a process that has no share of the batch."""
    together(torch.zeros(MOMENTS, device=device))


def _moments(predicted: Tensor, actual: Tensor) -> Tensor:
    """Return the count and the sums of both, their squares and their product, about the middle of the scale."""
    x, y = predicted - MIDDLE, actual - MIDDLE
    return torch.stack([torch.ones_like(x), x, y, x * x, y * y, x * y]).sum(1)


def _concordance(moments: Tensor) -> Tensor:
    """Return Lin's concordance correlation coefficient (Lin 1989); 0 where nothing varies."""
    count = moments[0]
    mean_x, mean_y, square_x, square_y, product = moments[1:] / count
    covariance = product - mean_x * mean_y
    spread = (square_x - mean_x.square()) + (square_y - mean_y.square()) + (mean_x - mean_y).square()
    return 2 * covariance / spread.clamp(min=1e-8)
