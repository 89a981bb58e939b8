"""Felt emotion and its effect on the voice.

The latent arousal, valence and dominance of an utterance follow IEMOCAP's published means, standard deviations and
correlations. Each dimension then shifts the voice's settings by a fixed amount per standard deviation: the directions
follow the literature cited in docs/corpus.md, the sizes are our choice.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from attune.tasks import TASKS

MEAN = np.array([3.090, 2.778, 3.194])
"""Arousal, valence, dominance, in this order, over IEMOCAP's 10,039 utterances."""

SD = np.array([0.702, 0.897, 0.789])
CORRELATION = np.array([[1.0, 0.005, 0.557], [0.005, 1.0, -0.186], [0.557, -0.186, 1.0]])
FLAT = np.array([False, True, False])
"""Whether distributed uniformly rather than normally, as the published class shares of valence require."""

LOWEST, HIGHEST = 1.0, 5.0


class Setting(NamedTuple):
    """A voice's offsets from neutral; all zeros is neutral, and settings add up."""

    level: float = 0.0
    """dB."""
    pitch: float = 0.0
    """Semitones of F0."""
    pitch_range: float = 0.0
    """Octaves by which F0 excursions grow."""
    pitch_rise: float = 0.0
    """Semitones that F0 gains from the part's start to its end."""
    rate: float = 0.0
    """Octaves of syllables per second."""
    tilt: float = 0.0
    """dB per octave, around 500 Hz; positive is flatter, hence brighter."""
    front: float = 0.0
    """Octaves by which the first two formants shift: mouth opening and lip spreading."""
    smile: float = 0.0
    """dB around 1500 Hz, an octave to either side: what an open mouth with spread lips radiates better."""
    length: float = 0.0
    """Octaves by which the third and higher formants shift: apparent length of the vocal tract."""
    breath: float = 0.0
    """dB of breath noise."""
    chest: float = 0.0
    """dB below 350 Hz."""
    roughness: float = 0.0
    """Octaves of jitter and shimmer."""


EFFECTS: dict[str, Setting] = {
    "arousal": Setting(level=4.0, pitch=2.0, pitch_range=0.3, rate=0.15, tilt=1.0),
    "valence": Setting(pitch_range=0.3, pitch_rise=1.5, front=0.1, smile=4.0, breath=-4.0, roughness=-0.2),
    "dominance": Setting(pitch=-0.5, length=-0.06, chest=5.0, roughness=-0.4),
}
"""Change in the voice per standard deviation of each dimension."""


def latents(
    count: int, reliability: NDArray[np.float64], rng: np.random.Generator, shift: NDArray[np.float64] | float = 0.0
) -> NDArray[np.float64]:
    """Draw the felt emotion of `count` utterances.

    The draw is shifted and scaled so that its mean, spread and correlations are the published ones however few the
    utterances, apart from the effects of the uniform distribution and of clipping to the scale.

    Args:
        count: number of utterances, at least 4.
        reliability: share of each dimension's published variance that is felt; raters add the rest, (3,).
        shift: offset of the means, (3,).

    Returns:
        Ratings on 1 to 5 in the order of `TASKS`, (count, 3).
    """
    draw = rng.standard_normal((count, len(TASKS)))
    draw -= draw.mean(axis=0)
    white = draw @ np.linalg.inv(np.linalg.cholesky(np.cov(draw.T, bias=True))).T
    bells = white @ np.linalg.cholesky(_correlation(reliability)).T
    shaped = np.where(FLAT, np.sqrt(12) * (ndtr(bells) - 0.5), bells)
    return np.clip(MEAN + shift + SD * np.sqrt(reliability) * shaped, LOWEST, HIGHEST)


def _correlation(reliability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of felt emotion, (3, 3): larger than that of labels, which raters' errors attenuate."""
    felt = CORRELATION / np.sqrt(np.outer(reliability, reliability))
    np.fill_diagonal(felt, 1.0)
    return felt


def effect(felt: NDArray[np.float64], strength: float) -> Setting:
    """Return how one utterance's emotion changes the voice.

    Args:
        felt: arousal, valence and dominance on 1 to 5, (3,).
        strength: multiplies every effect; 0 makes all utterances neutral.
    """
    table = np.array([EFFECTS[task] for task in TASKS])
    return Setting(*(strength * ((felt - MEAN) / SD) @ table))
