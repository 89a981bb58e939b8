"""Speakers who may be one person, whose names are spelt in two ways."""

import pandas as pd
import pytest

from attune.validation.parts import spelling


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["Ann", "ann ", "7", "007", "7.0"], ["Ann", "Ann", "7", "7", "7"]),
        (["one:7", "one:007", "two:7"], ["one:7", "one:7", "two:7"]),
        (["s10", "s1", "100", "10", "0"], ["s10", "s1", "100", "10", "0"]),
    ],
)
def test_names_that_differ_only_in_case_spaces_or_zeros_have_one_spelling(names, first):
    assert spelling(pd.Series(names)).tolist() == first
