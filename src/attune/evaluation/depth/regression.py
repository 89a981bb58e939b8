"""The predicted rating beside a regression: is weighing class means by probabilities the best use of the network?

The regression is least squares of the rating on the logits (log probabilities about their mean, so that softmax loses
nothing), fitted on the development partition of each fold and applied to its test partition.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_SMALLEST = 1e-12


def logits(probabilities: ArrayLike) -> Array:
    """Centred log probabilities ``(n, classes)``, without the last column, which the others give."""
    found = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), _SMALLEST))
    centred: Array = found - found.mean(axis=1, keepdims=True)
    return centred[:, :-1]


def regressed(fitted: ArrayLike, ratings: ArrayLike, asked: ArrayLike) -> Array:
    """Ratings that the regression gives for some probabilities.

    Args:
        fitted: probabilities ``(n, classes)`` and
        ratings: ratings ``(n,)`` that it is fitted to.
        asked: probabilities ``(m, classes)``.

    Returns:
        Ratings ``(m,)``.
    """
    design, wanted = _with_constant(logits(fitted)), _with_constant(logits(asked))
    coefficients, *_ = np.linalg.lstsq(design, np.asarray(ratings, dtype=np.float64), rcond=None)
    found: Array = wanted @ coefficients
    return found


def _with_constant(columns: Array) -> Array:
    return np.column_stack([np.ones(len(columns)), columns])
