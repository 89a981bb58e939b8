"""Standardising by speaker, against pandas."""

import numpy as np
import pandas as pd

from attune.features.by_speaker import standardised


def test_each_speaker_has_mean_0_and_deviation_1_and_what_never_varies_is_0():
    random = np.random.default_rng(1)
    features = {name: random.normal(5, 3, (1, 4)) for name in "abcdef"}
    for own in features.values():
        own[0, 3] = 7.0
    speakers = dict(zip("abcdef", "xxyyxy", strict=True))
    found = pd.DataFrame({name: frames[0] for name, frames in standardised(features, speakers)}).T
    table = pd.DataFrame({name: own[0] for name, own in features.items()}).T
    grouped = table.groupby(speakers)
    expected = ((table - grouped.transform("mean")) / grouped.transform("std", ddof=0)).fillna(0.0)
    np.testing.assert_allclose(found.astype(float), expected, atol=1e-5)


def test_a_value_that_is_missing_stays_missing_and_spoils_no_other():
    features = {"a": np.array([[np.nan, 1.0]]), "b": np.array([[2.0, 3.0]]), "c": np.array([[4.0, 5.0]])}
    found = dict(standardised(features, dict.fromkeys("abc", "x")))
    assert np.isnan(found["a"][0, 0])
    np.testing.assert_allclose([found["b"][0, 0], found["c"][0, 0]], [-1, 1])
