"""Class probabilities derived from a rating.

The likeliest class is the one that the rating belongs to. The probabilities are not calibrated.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from attune.tasks import INSIDE, Task, knots_inside

SPREAD = 0.125
"""Scale of the logistic distribution around a rating, as a share of the narrowest class; our choice."""


def probabilities(task: Task, rating: float) -> npt.NDArray[np.float64]:
    """Return the probabilities of the task's classes (classes,) for a rating on the task's own scale.

    They are the mass between class edges of a logistic distribution around it, an eighth of the narrowest class wide.
    """
    edges, width = np.array(task.knots_inside[1:-1]), np.diff(task.knots_inside).min()
    below = 1 / (1 + np.exp((float(task.inside(rating)) - edges) / (SPREAD * width)))
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


def linear_logits(ratings: Tensor, classes: int) -> Tensor:
    """Return logits (batch, classes) of ratings (batch,) around 1 to 5, by squared distance to a point in each class.

    The edges between classes are halfway between these points, so the likeliest class is the one that the rating
    belongs to; close to an edge the odds are those of `probabilities`. The logits are linear in the rating, so that
    they can be divided among the windows that it is made of.
    """
    knots = knots_inside(classes)
    points = torch.tensor(_points(knots), dtype=ratings.dtype, device=ratings.device)
    narrowest, closest = (float(np.diff(values).min()) for values in (knots, _points(knots)))
    return (ratings[:, None] * points - points.square() / 2) / (SPREAD * narrowest * closest)


def _points(knots: Sequence[float]) -> Sequence[float]:
    """Return the middles of equally wide classes; for the paper's three, both ends and the middle of the scale."""
    return (1.0, 3.0, 5.0) if tuple(knots) == INSIDE else [(low + high) / 2 for low, high in pairwise(knots)]


def on_scale(ratings: Tensor, knots: Sequence[float], own: Sequence[float]) -> Tensor:
    """Map ratings piecewise linearly from the scale with the knots `knots` to the scale with the knots `own`."""
    found = torch.full_like(ratings, own[0])
    for (low, high), (bottom, top) in zip(pairwise(knots), pairwise(own), strict=True):
        found = found + (ratings - low).clamp(0.0, float(high - low)) * ((top - bottom) / (high - low))
    return found
