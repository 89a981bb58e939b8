import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.corpus.labels import to_class
from attune.errors import AttuneError
from attune.signal import CLASSES


@pytest.mark.parametrize(
    ("rating", "name"),
    [(1.0, "low"), (2.0, "low"), (2.0001, "middle"), (3.0, "middle"), (3.9999, "middle"), (4.0, "high"), (5.0, "high")],
)
def test_bounds_are_the_papers(rating, name):
    assert CLASSES[to_class(rating)] == name


def test_ratings_outside_the_scale_fall_into_the_outer_classes():
    assert to_class([0.5, 5.5]).tolist() == [0, 2]


@given(st.lists(st.floats(1, 5), min_size=1))
def test_every_rating_has_the_class_of_a_literal_reading(ratings):
    literal = [0 if 1 <= r <= 2 else 1 if 2 < r < 4 else 2 for r in ratings]
    assert to_class(ratings).tolist() == literal


def test_the_shape_is_kept_and_the_type_is_small():
    classes = to_class(np.full((2, 3), 3.0))
    assert classes.shape == (2, 3)
    assert classes.dtype == np.int8


@pytest.mark.parametrize("gap", [np.nan, np.inf])
def test_a_missing_rating_has_no_class(gap):
    with pytest.raises(AttuneError, match="1 of 3 ratings"):
        to_class([1.0, gap, 3.0])
