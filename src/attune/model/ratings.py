"""From a rating to classes: which class it belongs to, and how sure that is taken to be.

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
"""Over what share of the narrowest class a rating is spread to give classes probabilities; a choice of ours."""


def probabilities(task: Task, rating: float) -> npt.NDArray[np.float64]:
    """Of the task's classes (classes,), from a rating on the task's own scale.

    They are what a logistic distribution around it, an eighth of the narrowest class wide, has between the edges.
    """
    edges, width = np.array(task.knots_inside[1:-1]), np.diff(task.knots_inside).min()
    below = 1 / (1 + np.exp((float(task.inside(rating)) - edges) / (SPREAD * width)))
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


def linear_logits(ratings: Tensor, classes: int) -> Tensor:
    """Logits (batch, classes) of ratings (batch,) around 1 to 5: by the squared distance to a point in each class.

    The edges between classes are halfway between these points, so the likeliest class is the one that the rating
    belongs to; close to an edge the odds are those of `probabilities`. Linear in the rating, the logits can be divided
    among the windows that it is made of.
    """
    knots = knots_inside(classes)
    points = torch.tensor(_points(knots), dtype=ratings.dtype, device=ratings.device)
    narrowest, closest = (float(np.diff(values).min()) for values in (knots, _points(knots)))
    return (ratings[:, None] * points - points.square() / 2) / (SPREAD * narrowest * closest)


def _points(knots: Sequence[float]) -> Sequence[float]:
    """The middles of classes that are equally wide; of the paper's three, both ends and the middle of the scale."""
    return (1.0, 3.0, 5.0) if tuple(knots) == INSIDE else [(low + high) / 2 for low, high in pairwise(knots)]


def on_scale(ratings: Tensor, knots: Sequence[float], own: Sequence[float]) -> Tensor:
    """Ratings from the scale with these knots, stretched piece by piece to the scale with those of its own."""
    found = torch.full_like(ratings, own[0])
    for (low, high), (bottom, top) in zip(pairwise(knots), pairwise(own), strict=True):
        found = found + (ratings - low).clamp(0.0, float(high - low)) * ((top - bottom) / (high - low))
    return found
