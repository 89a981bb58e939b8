import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.corpus.labels import to_class
from attune.corpus.scales import Scale

SCALES = [
    Scale(scale=[1, 7]),
    Scale(scale=[1, 7], edges=[3, 5]),
    Scale(scale=[0, 100]),
    Scale(scale=[-1, 1], edges=[-0.1, 0.8]),
]


@pytest.mark.parametrize("scale", SCALES)
@given(share=st.floats(-0.2, 1.2))
@settings(max_examples=50, deadline=None)
def test_a_rating_keeps_its_class_and_comes_back_as_it_was(scale, share):
    low, first, second, high = scale.knots
    rating = low + share * (high - low)
    inside = scale.inside([rating])
    literal = 0 if rating <= first else 2 if rating >= second else 1
    assert to_class(inside)[0] == literal
    assert scale.own(inside)[0] == pytest.approx(rating, abs=1e-9 * (high - low))


@pytest.mark.parametrize("scale", SCALES)
def test_the_ends_and_edges_of_a_scale_become_those_of_one_to_five_exactly(scale):
    assert scale.inside(scale.knots).tolist() == [1.0, 2.0, 4.0, 5.0]


def test_one_to_five_is_left_bit_for_bit_and_nothing_said_stays_nothing():
    values = np.array([1.1, np.nan, 5.5])
    assert np.array_equal(Scale().inside(values), values, equal_nan=True)
    assert np.isnan(Scale(scale=[1, 7]).inside([np.nan]))[0]
