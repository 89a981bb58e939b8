"""How peaked an utterance's attention is, where its centre is, and how far two attentions are apart."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, rel_entr

Array = NDArray[np.float64]


def normalised_entropy(weights: Array) -> float:
    """``H / log L`` of weights ``(L,)``: 1 is uniform, 0 all on one window. NaN for a single window."""
    if len(weights) < 2:
        return math.nan
    return float(entr(weights).sum()) / math.log(len(weights))


def effective_windows(weights: Array) -> float:
    """``exp(H)``: the number of windows over which uniform attention would be as spread out."""
    return math.exp(float(entr(weights).sum()))


def position(weights: Array) -> float:
    """Centre of mass, 0 at the first window and 1 at the last. NaN for a single window."""
    if len(weights) < 2:
        return math.nan
    return float(weights @ np.linspace(0, 1, len(weights)))


def divergence(one: Array, other: Array) -> float:
    """Jensen-Shannon divergence in bits: 0 for equal weights, 1 for weights without a common window."""
    middle = (one + other) / 2
    nats = (rel_entr(one, middle).sum() + rel_entr(other, middle).sum()) / 2
    return max(0.0, float(nats)) / math.log(2)
