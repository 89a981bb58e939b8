"""Does attention follow loudness? Rank correlation, judged against the same attention shifted round the utterance.

Neighbouring windows overlap and resemble each other, so a textbook p-value of a rank correlation would call chance
significant. Shifting attention circularly keeps both series as they are and breaks only how they are aligned.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]

TAIL = 0.05
"""An utterance stands out where at most this share of its shifts correlates as strongly as no shift does."""

_EXACT = 9  # decimals to which transforms repeat what a plain sum would give, so that ties stay ties


class Standing(NamedTuple):
    """Where an utterance's own correlation stands among those of all its shifts."""

    correlation: float
    null_low: float
    null_high: float
    above: bool
    below: bool


def shifted_correlations(weights: Array, energy: Array) -> Array | None:
    """Spearman's correlation of weights and energy ``(L,)`` for every circular shift ``(L,)``, unshifted first.

    None where nothing can correlate: a single window, constant weights or constant energy.
    """
    ranks = [rankdata(series) - (len(series) + 1) / 2 for series in (weights, energy)]
    norm = np.sqrt(np.prod([series @ series for series in ranks]))
    if norm == 0:
        return None
    spectra = [np.fft.rfft(series) for series in ranks]
    together = np.fft.irfft(np.conj(spectra[0]) * spectra[1], len(weights))
    return np.round(together / norm, _EXACT)


def standing(correlations: Array) -> Standing:
    """Compare the unshifted correlation with the null of all shifts, itself among them."""
    own = correlations[0]
    low, high = np.quantile(correlations, [TAIL, 1 - TAIL])
    return Standing(
        float(own),
        float(low),
        float(high),
        above=bool((correlations >= own).mean() <= TAIL),
        below=bool((correlations <= own).mean() <= TAIL),
    )


class ShiftNull:
    """Null distribution of the mean correlation of many utterances, each shifted at random by itself."""

    def __init__(self, shifts: int, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._sums = np.zeros(shifts)
        self._own = 0.0
        self.n = 0

    def add(self, correlations: Array) -> None:
        """Take in an utterance by the correlations of all its shifts."""
        self._sums += self._rng.choice(correlations, len(self._sums))
        self._own += correlations[0]
        self.n += 1

    @property
    def means(self) -> Array:
        """Mean correlation of each round of random shifts ``(shifts,)``."""
        return self._sums / self.n

    @property
    def p(self) -> float:
        """Two-sided: share of rounds, the unshifted one among them, at least as far from 0 as the unshifted mean."""
        as_far = np.abs(self._sums) >= abs(self._own) - 10**-_EXACT * self.n
        return float(as_far.sum() + 1) / (len(self._sums) + 1)
