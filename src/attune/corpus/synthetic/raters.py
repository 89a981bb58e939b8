"""Simulated raters, who judge on a scale of whole numbers and do not always agree.

Every dialog has its external raters; the actors also rate themselves. As in IEMOCAP, an utterance's label is the mean
of its external ratings, without the self-rating.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attune.corpus.synthetic.emotion import HIGHEST, LOWEST, SD

Array = NDArray[np.float64]

EXTERNAL = ("E3", "E4", "E5", "E6")
CATEGORICAL = ("E1", "E2", "E3")
RATER_SD = 0.3
"""Spread of one external rater around what is felt, before rounding."""

SELF_SD = 0.7
PANELS = {2: 0.8, 3: 0.1, 4: 0.1}
"""Probability of each number of external raters of a dialog."""

_ROUNDING = 1 / 12
RELIABILITY = 1 - (RATER_SD**2 + _ROUNDING) / 2 / SD**2
"""Share of the variance of two raters' mean that is due to felt emotion: arousal, valence, dominance."""


class Category(NamedTuple):
    """A category of emotion, and its position in the dimensions."""

    code: str
    """Its spelling in the summary line."""
    name: str
    """Its spelling in a rater's row."""
    arousal: float
    valence: float
    dominance: float


CATEGORIES = (
    Category("neu", "Neutral", 2.8, 2.9, 2.9),
    Category("hap", "Happiness", 3.2, 3.9, 3.1),
    Category("exc", "Excited", 3.8, 3.9, 3.4),
    Category("ang", "Anger", 3.8, 1.9, 4.0),
    Category("fru", "Frustration", 3.2, 2.2, 3.4),
    Category("sad", "Sadness", 2.4, 2.2, 2.5),
    Category("sur", "Surprise", 4.2, 3.0, 2.8),
)
RARE = (
    Category("fea", "Fear", 3.6, 2.0, 2.2),
    Category("oth", "Other", 3.0, 3.3, 3.6),
    Category("dis", "Disgust", 3.0, 1.8, 3.6),
)
"""Categories hardly ever chosen; they occur only in a corpus with IEMOCAP's counts."""

NO_MAJORITY = "xxx"
_PLACES = np.array([category[2:] for category in CATEGORIES])
CATEGORY_SD = 0.5
"""Spread of a rater's perception around what is felt."""


class Judgement(NamedTuple):
    """All judgements of one utterance; ratings are arousal, valence and dominance, (3,)."""

    external: dict[str, Array]
    """By rater."""
    own: Array
    categories: dict[str, Category]
    """By external rater."""
    own_category: Category

    @property
    def label(self) -> Array:
        """Mean of the external raters, (3,)."""
        return np.mean(list(self.external.values()), axis=0)

    @property
    def category(self) -> str:
        """The code that more than half of the external raters chose, or ``xxx``."""
        codes = [category.code for category in self.categories.values()]
        best = max(codes, key=codes.count)
        return best if 2 * codes.count(best) > len(codes) else NO_MAJORITY


def panel(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw the external raters of a dialog."""
    return EXTERNAL[: rng.choice(list(PANELS), p=list(PANELS.values()))]


def judge(felt: Array, external: tuple[str, ...], noise: float, rng: np.random.Generator) -> Judgement:
    """Draw all raters' judgements of one utterance.

    Args:
        felt: its arousal, valence and dominance, (3,).
        external: names of the external raters.
        noise: spread of one external rater around what is felt, before rounding.
    """
    return Judgement(
        external={rater: _rate(felt, noise, rng) for rater in external},
        own=_rate(felt, SELF_SD, rng),
        categories={rater: _name(felt, rng) for rater in CATEGORICAL},
        own_category=_name(felt, rng),
    )


def _rate(felt: Array, spread: float, rng: np.random.Generator) -> Array:
    return np.clip(np.round(felt + spread * rng.standard_normal(3)), LOWEST, HIGHEST)


def _name(felt: Array, rng: np.random.Generator) -> Category:
    heard = felt + CATEGORY_SD * rng.standard_normal(3)
    return CATEGORIES[int(np.argmin(((_PLACES - heard) ** 2).sum(axis=1)))]
