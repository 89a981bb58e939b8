"""Rank correlations against scipy."""

import numpy as np
import pytest
from scipy import stats

from attune.attention.ranks import correlations, stretched


@pytest.mark.parametrize("length", [2, 3, 50, 101])
def test_every_pair_has_spearmans_correlation(length):
    rng = np.random.default_rng(length)
    one, other = rng.normal(size=(3, length)), np.round(rng.normal(size=(4, length)), 1)
    other[:, 0] = 9
    expected = [[stats.spearmanr(a, b)[0] for b in other] for a in one]
    np.testing.assert_allclose(correlations(one, other), expected, atol=1e-12)


def test_nothing_correlates_with_a_constant():
    assert correlations(np.ones((1, 5)), np.arange(5.0)[None]) == 0


def test_a_stretched_series_begins_and_ends_as_before_and_keeps_its_shape():
    series = np.sin(np.linspace(0, 3, 50))
    longer = stretched(series, 80)
    assert len(longer) == 80
    assert (longer[0], longer[-1]) == (series[0], series[-1])
    np.testing.assert_allclose(longer, np.sin(np.linspace(0, 3, 80)), atol=1e-3)
