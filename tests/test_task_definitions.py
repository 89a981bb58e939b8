import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from attune.errors import AttuneError
from attune.tasks import CLASSES, NAME, PAPER, RESERVED, Task, as_json, ordered, parse

AROUSAL = PAPER[0]
SCALES = [
    Task("t", knots=(1.0, 2.5, 5.5, 7.0)),
    Task("t", knots=(1.0, 3.0, 5.0, 7.0)),
    Task("t", knots=(0.0, 25.0, 75.0, 100.0)),
    Task("t", knots=(-1.0, -0.1, 0.8, 1.0)),
    Task("t", ("calm", "tense"), (0.0, 0.7, 1.0)),
    Task("t", ("a", "b", "c", "d", "e"), (1.0, 2.0, 3.0, 4.0, 5.0, 9.0)),
]
EMOTION = Task("emotion", ("angry", "happy", "neutral", "sad"), None)


@pytest.mark.parametrize(
    ("rating", "name"),
    [(1.0, "low"), (2.0, "low"), (2.0001, "middle"), (3.0, "middle"), (3.9999, "middle"), (4.0, "high"), (5.0, "high")],
)
def test_bounds_are_the_papers(rating, name):
    assert CLASSES[AROUSAL.to_class(rating)] == name


def test_ratings_outside_the_scale_fall_into_the_outer_classes():
    assert AROUSAL.to_class([0.5, 5.5]).tolist() == [0, 2]


@given(st.lists(st.floats(1, 5), min_size=1))
def test_every_rating_has_the_class_of_a_literal_reading(ratings):
    literal = [0 if 1 <= r <= 2 else 1 if 2 < r < 4 else 2 for r in ratings]
    assert AROUSAL.to_class(ratings).tolist() == literal


def test_the_shape_is_kept_and_the_type_is_small():
    classes = AROUSAL.to_class(np.full((2, 3), 3.0))
    assert classes.shape == (2, 3)
    assert classes.dtype == np.int8


@pytest.mark.parametrize("gap", [np.nan, np.inf])
def test_a_missing_rating_has_no_class(gap):
    with pytest.raises(AttuneError, match="1 of 3 ratings"):
        AROUSAL.to_class([1.0, gap, 3.0])


@pytest.mark.parametrize("task", SCALES)
@given(share=st.floats(-0.2, 1.2))
@settings(max_examples=50)
def test_a_rating_keeps_its_class_and_comes_back_as_it_was(task, share):
    low, *edges, high = task.knots
    rating = low + share * (high - low)
    inside = task.inside([rating])
    half = len(edges) // 2
    literal = sum(rating > edge for edge in edges[:half]) + sum(rating >= edge for edge in edges[half:])
    assert task.to_class(inside)[0] == literal
    assert task.own(inside)[0] == pytest.approx(rating, abs=1e-9 * (high - low))


@pytest.mark.parametrize("task", SCALES[:4])
def test_the_ends_and_edges_of_three_classes_become_those_of_one_to_five_exactly(task):
    assert task.inside(task.knots).tolist() == [1.0, 2.0, 4.0, 5.0]


def test_one_to_five_is_left_bit_for_bit_and_nothing_said_stays_nothing():
    values = np.array([1.1, np.nan, 5.5])
    assert np.array_equal(AROUSAL.inside(values), values, equal_nan=True)
    assert np.array_equal(AROUSAL.own(values), values, equal_nan=True)
    assert math.isnan(SCALES[0].inside([np.nan])[0])


def test_categories_are_their_own_classes():
    assert EMOTION.to_class([0.0, 3.0]).tolist() == [0, 3]
    assert EMOTION.chance == 0.25
    assert not EMOTION.rated


def test_the_middles_of_the_papers_classes_are_those_of_their_ranges():
    assert AROUSAL.middles == [1.5, 3.0, 4.5]


def test_tasks_come_back_from_json_and_the_papers_are_just_their_names():
    assert as_json(PAPER) == ["arousal", "valence", "dominance"]
    tasks = (*PAPER, *SCALES, EMOTION)
    assert parse(as_json(tasks)) == tasks


def test_the_papers_tasks_come_first_in_its_order():
    found = ordered([Task("tension"), Task("valence"), Task("activation"), Task("arousal")])
    assert [task.name for task in found] == ["arousal", "valence", "tension", "activation"]


def test_no_task_may_have_the_name_of_what_torch_keeps_among_the_parts_of_a_network():
    taken = {name for parts in (nn.ModuleDict(), nn.ParameterDict()) for name in dir(parts) if name[0] != "_"}
    assert {name for name in taken if NAME.fullmatch(name)} - RESERVED == set()
