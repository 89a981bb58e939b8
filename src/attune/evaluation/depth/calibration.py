"""Are probabilities calibrated? Reliability, expected calibration error, Brier score; temperature scaling.

Confidence is the probability of the predicted class. The temperature (Guo et al. 2017) is fitted on the development
partition of each fold and applied to its test partition, which is not used in the fit.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from attune.evaluation.bootstrap import resampled_sums

Array = NDArray[np.float64]

BINS = 10
"""Number of confidence bins, equally wide from 0 to 1."""

LEAST_SPEAKERS = 6
"""With fewer, random signs are all alike in over 5 % of cases, so that nothing could be told from chance."""

_SMALLEST = 1e-12  # a probability that float32 rounded to zero
_LOG_RANGE = (-3.0, 3.0)  # temperatures from 1/20 to 20


class Reliability(NamedTuple):
    """One bin: its number of utterances, their mean confidence, and the share that is predicted correctly."""

    n: int
    confidence: float
    accuracy: float


def at_temperature(probabilities: ArrayLike, temperature: ArrayLike) -> Array:
    """Return probabilities ``(n, classes)`` with their logits divided by one temperature, or by one each."""
    logits = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), _SMALLEST))
    return np.asarray(softmax(logits / np.asarray(temperature, dtype=np.float64)[..., None], axis=-1))


def fit_temperature(probabilities: ArrayLike, actual: ArrayLike) -> float:
    """Return the temperature, between 1/20 and 20, at which the true classes ``(n,)`` are likeliest.

    Raises:
        ValueError: there are no utterances.
    """
    given, truth = np.asarray(probabilities, dtype=np.float64), np.asarray(actual, dtype=np.intp)
    if not len(truth):
        raise ValueError("no utterances to fit a temperature to")

    def loss(log_temperature: float) -> float:
        tempered = at_temperature(given, float(np.exp(log_temperature)))
        return float(-np.log(np.maximum(tempered[np.arange(len(truth)), truth], _SMALLEST)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=_LOG_RANGE, method="bounded").x))


def summands(probabilities: ArrayLike, actual: ArrayLike) -> Array:
    """Return a row per utterance, to be summed: ``(n, 3 * BINS + 1)``, per bin count, confidence, right; then Brier."""
    given, truth = np.asarray(probabilities, dtype=np.float64), np.asarray(actual, dtype=np.intp)
    sure, right = given.max(axis=1), given.argmax(axis=1) == truth
    bins = np.eye(BINS)[np.minimum((sure * BINS).astype(np.intp), BINS - 1)]
    brier = np.square(given - np.eye(given.shape[1])[truth]).sum(axis=1)
    return np.column_stack([bins, bins * sure[:, None], bins * right[:, None], brier])


def ece(sums: Array) -> Array:
    """Return expected calibration error: ``|accuracy - confidence|``, averaged over utterances by bin; ``(...,)``."""
    counts, sure, right = _parts(sums)
    return np.abs(right - sure).sum(axis=-1) / counts.sum(axis=-1)


def brier(sums: Array) -> Array:
    """Return the mean squared error of the probabilities, summed over classes: 0 is perfect, 2 the worst."""
    return sums[..., -1] / _parts(sums)[0].sum(axis=-1)


def overconfidence(sums: Array) -> Array:
    """Return mean confidence minus accuracy: above 0, predictions are overconfident."""
    counts, sure, right = _parts(sums)
    return (sure - right).sum(axis=-1) / counts.sum(axis=-1)


SCORES = {"ece": ece, "brier": brier, "overconfidence": overconfidence}


def reliability(sums: Array) -> list[Reliability | None]:
    """Return every bin of ``(3 * BINS + 1,)``, None for an empty one."""
    return [
        Reliability(int(n), float(sure / n), float(right / n)) if n else None
        for n, sure, right in zip(*_parts(sums), strict=True)
    ]


def accuracies(sums: Array) -> Array:
    """Return accuracy by bin, NaN for an empty one: ``(..., BINS)``."""
    counts, _, right = _parts(sums)
    return np.where(counts > 0, right / np.maximum(counts, 1), np.nan)


def ece_by_chance(summed: Array, speakers: ArrayLike, *, rounds: int, seed: int) -> Array:
    """Draw the ECE as it would be if each speaker's answers were as likely better as worse than confidence says.

    All answers of a speaker resemble each other, so their errors change sign together: a test of randomly chosen signs
    (Canay, Romano and Shaikh 2017). A finite number of utterances never splits exactly by probability, so ECE is above
    zero even then.

    Args:
        summed: ``(n, 3 * BINS + 1)``, from `summands`.
        speakers: ``(n,)``.
        rounds: number of random signs for each speaker.

    Returns:
        ``(rounds,)``; empty with fewer than `LEAST_SPEAKERS`, or if none has two utterances: then they are not known.
    """
    names, who = np.unique(np.asarray(speakers), return_inverse=True)
    if not LEAST_SPEAKERS <= len(names) < len(who):
        return np.empty(0)
    _, sure, right = _parts(summed)
    errors = np.zeros((len(names), BINS))
    np.add.at(errors, who, right - sure)
    signs = 2 * np.random.default_rng(seed).integers(0, 2, (rounds, len(names)), dtype=np.int8) - 1
    return np.abs(resampled_sums(errors, signs)).sum(axis=1) / len(who)


def _parts(sums: Array) -> tuple[Array, Array, Array]:
    return sums[..., :BINS], sums[..., BINS : 2 * BINS], sums[..., 2 * BINS : 3 * BINS]
