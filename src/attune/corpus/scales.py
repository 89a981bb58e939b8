"""Ratings on any scale, brought to 1 to 5 so that the class edges are 2 and 4, and back.

Inside, every task is rated from 1 to 5: low is [1, 2], middle is (2, 4), high is [4, 5]. A scale with edges of its own
is stretched piece by piece, so that a rating keeps its class whatever the scale.
"""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from attune.params import Section

INSIDE = (1.0, 2.0, 4.0, 5.0)
"""Lowest rating, upper edge of low, lower edge of high, highest rating."""

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]


class Scale(Section):
    """A scale and its class edges."""

    scale: Pair = Field(default_factory=lambda: [1.0, 5.0])
    """Lowest and highest rating."""
    edges: Pair | None = None
    """Low is up to the first, high from the second on; by default a quarter of the scale from either end."""

    @model_validator(mode="after")
    def _rises(self) -> "Scale":
        low, first, second, high = self.knots
        if not low < first < second < high:
            raise ValueError(f"a scale from {low:g} to {high:g} cannot have the class edges {first:g} and {second:g}")
        return self

    @property
    def knots(self) -> tuple[float, float, float, float]:
        """What becomes `INSIDE`."""
        low, high = self.scale
        first, second = self.edges or (low + (high - low) / 4, high - (high - low) / 4)
        return low, first, second, high

    @property
    def is_inside(self) -> bool:
        """Whether ratings are 1 to 5 already."""
        return self.knots == INSIDE

    @property
    def plain(self) -> "Scale":
        """Nothing but the scale."""
        return Scale(scale=self.scale, edges=self.edges)

    def inside(self, ratings: ArrayLike) -> NDArray[np.float64]:
        """Ratings of this scale as ratings from 1 to 5; what is off the scale stays off it."""
        return _stretched(ratings, self.knots, INSIDE)

    def own(self, ratings: ArrayLike) -> NDArray[np.float64]:
        """Ratings from 1 to 5 as ratings of this scale."""
        return _stretched(ratings, INSIDE, self.knots)


def _stretched(values: ArrayLike, knots: tuple[float, ...], to: tuple[float, ...]) -> NDArray[np.float64]:
    given = np.asarray(values, dtype=np.float64)
    if knots == to:
        return given
    piece = np.searchsorted(np.array(knots[1:-1]), given, side="right")
    left, right = np.array(knots)[piece], np.array(knots)[piece + 1]
    bottom, top = np.array(to)[piece], np.array(to)[piece + 1]
    return bottom + (given - left) * ((top - bottom) / (right - left))
