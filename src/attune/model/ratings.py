"""From a rating to classes: which class it belongs to, and how sure that is taken to be.

A logistic distribution around the rating, an eighth of the narrowest class wide, is cut at the edges between classes.
The likeliest class is the one that the rating belongs to. The probabilities are not calibrated.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from attune.tasks import Task, knots_inside

SPREAD = 0.125
"""Over what share of the narrowest class a rating is spread to give classes probabilities; a choice of ours."""

_LEAST = 1e-12
"""Probability whose logarithm is still a number in float32."""


def probabilities(task: Task, rating: float) -> npt.NDArray[np.float64]:
    """Of the task's classes (classes,), from a rating on the task's own scale."""
    edges, width = np.array(task.knots_inside[1:-1]), np.diff(task.knots_inside).min()
    below = 1 / (1 + np.exp((float(task.inside(rating)) - edges) / (SPREAD * width)))
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


def logits_around(ratings: Tensor, classes: int) -> Tensor:
    """Logits (batch, classes) whose softmax is the same, from ratings (batch,) between 1 and 5."""
    knots = torch.tensor(knots_inside(classes), dtype=ratings.dtype, device=ratings.device)
    width = (knots[1:] - knots[:-1]).min()
    distances = (knots[1:-1] - ratings.clamp(1.0, 5.0)[:, None]) / (SPREAD * width)
    below, above = distances.sigmoid(), (-distances).sigmoid()
    first, last = below[:, :1], above[:, -1:]
    # From whichever side is the smaller, for close to 1 float32 has no digits left.
    between = torch.where(distances[:, :-1] > 0, above[:, :-1] - above[:, 1:], below[:, 1:] - below[:, :-1])
    return torch.cat([first, between, last], 1).clamp(min=_LEAST).log()


def on_scale(ratings: Tensor, knots: Sequence[float], own: Sequence[float]) -> Tensor:
    """Ratings from the scale with these knots, stretched piece by piece to the scale with those of its own."""
    found = torch.full_like(ratings, own[0])
    for (low, high), (bottom, top) in zip(pairwise(knots), pairwise(own), strict=True):
        found = found + (ratings - low).clamp(0.0, float(high - low)) * ((top - bottom) / (high - low))
    return found
