"""Rank correlation of several series with several others at once."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]


def ranked(series: Array) -> Array:
    """Return centred ranks of ``(k, L)`` scaled to length 1, so that products are Spearman's correlations.

    A constant series becomes 0.
    """
    ranks: Array = rankdata(series, axis=1) - (series.shape[1] + 1) / 2
    norms = np.linalg.norm(ranks, axis=1, keepdims=True)
    return np.divide(ranks, norms, out=np.zeros_like(ranks), where=norms > 0)


def correlations(one: Array, other: Array) -> Array:
    """Return Spearman's correlation of every series of ``(k, L)`` with every one of ``(m, L)``: ``(k, m)``."""
    products: Array = ranked(one) @ ranked(other).T
    return products


def stretched(series: Array, length: int) -> Array:
    """Interpolate a series ``(L,)`` at `length` evenly spaced points."""
    return np.interp(_places(length), _places(len(series)), series)


@lru_cache(4096)
def _places(length: int) -> Array:
    return np.linspace(0, 1, length)
