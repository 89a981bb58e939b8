"""The predicted rating against a regression: is weighting class means by probability the best use of the probabilities?

The regression is least squares of the rating on the logits (log probabilities about their mean, so that softmax loses
nothing), fitted on the development partition of each fold and applied to its test partition.

A line fitted to few utterances differs from the best one by chance, so every resample also draws the development
partition and fits anew. It is also slightly worse than the best one, so the only question is whether it is a gain.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attune.evaluation.bootstrap import Array, Draws, resampled_sums
from attune.evaluation.scores import ccc

_SMALLEST = 1e-12


def logits(probabilities: ArrayLike) -> Array:
    """Return centred log probabilities of ``(n, classes)`` without the last column, which the others determine."""
    found = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), _SMALLEST))
    centred: Array = found - found.mean(axis=1, keepdims=True)
    return centred[:, :-1]


def regressed(fitted: ArrayLike, ratings: ArrayLike, asked: ArrayLike) -> Array:
    """Return the ratings that the regression predicts from probabilities.

    Args:
        fitted: probabilities ``(n, classes)`` to fit to.
        ratings: ratings ``(n,)`` to fit to.
        asked: probabilities ``(m, classes)`` to predict from.

    Returns:
        Ratings ``(m,)``.
    """
    design, wanted = _with_constant(logits(fitted)), _with_constant(logits(asked))
    coefficients, *_ = np.linalg.lstsq(design, np.asarray(ratings, dtype=np.float64), rcond=None)
    found: Array = wanted @ coefficients
    return found


class Fitted(NamedTuple):
    """A fold's probabilities, ratings and draws ``(resamples, utterances)``: of development, then of test."""

    given: ArrayLike
    ratings: ArrayLike
    developed: Draws
    asked: ArrayLike
    rated: ArrayLike
    tested: Draws


def resampled_ccc(folds: Sequence[Fitted]) -> Array:
    """Return the CCC of the regression over all folds, fitted anew in each resample: ``(resamples,)``."""
    centre = float(np.asarray(folds[0].rated, dtype=np.float64).mean())
    return np.asarray(ccc(np.sum([_moments(fold, centre) for fold in folds], axis=0)))


def _moments(fold: Fitted, centre: float) -> Array:
    """Return sums over test utterances in the form of `attune.evaluation.scores.summands`, with a single class."""
    design, rated = _with_constant(logits(fold.asked)), np.asarray(fold.rated, dtype=np.float64) - centre
    lines = _lines(fold, centre)
    products = resampled_sums(np.einsum("ni,nj->nij", design, design).reshape(len(design), -1), fold.tested)
    products = products.reshape(len(lines), design.shape[1], -1)
    said = np.einsum("ri,ri->r", lines, products[:, 0])
    squared = np.einsum("ri,rij,rj->r", lines, products, lines)
    count, true, true_squared, *crossed = resampled_sums(
        np.column_stack([np.ones(len(rated)), rated, rated**2, design * rated[:, None]]), fold.tested
    ).T
    both = np.einsum("ri,ir->r", lines, np.array(crossed))
    return np.column_stack([count, true, said, true_squared, squared, both, np.zeros_like(said), said - true])


def _lines(fold: Fitted, centre: float) -> Array:
    """Return least-squares coefficients in each resample of the development partition: ``(resamples, columns)``."""
    design, ratings = _with_constant(logits(fold.given)), np.asarray(fold.ratings, dtype=np.float64) - centre
    columns = design.shape[1]
    products = np.einsum("ni,nj->nij", design, design).reshape(len(design), -1)
    summed = resampled_sums(np.column_stack([products, design * ratings[:, None]]), fold.developed)
    squares, right = summed[:, : columns**2].reshape(-1, columns, columns), summed[:, columns**2 :]
    found: Array = np.einsum("rij,rj->ri", np.linalg.pinv(squares, hermitian=True), right)
    return found


def _with_constant(columns: Array) -> Array:
    return np.column_stack([np.ones(len(columns)), columns])
