from xml.etree import ElementTree

import pytest

from attune.numbers import Score
from attune.report.pictures import forest
from attune.report.pictures.forest import Axis, Block, Row

AXIS = Axis((0.2, 0.8), 0.1, "UAR, %", 100, 1 / 3, "chance 33.3")


def row(value, low=None, high=None, kind="ours"):
    return Row("one", Score(value, low, high, 9), "shown", kind)


def drawn(*rows, geometry=forest.STACKED):
    return ElementTree.fromstring(forest.plot("said", [Block("", rows)], AXIS, "arousal", geometry))


@pytest.mark.parametrize("geometry", [forest.STACKED, forest.BESIDE])
def test_marks_and_intervals_lie_where_the_axis_says(geometry):
    picture = drawn(row(0.5, 0.35, 0.8), geometry=geometry)
    left, right = geometry.left, geometry.right
    mark = picture.find(".//circle")
    interval = picture.find(".//line[@class='interval']")
    assert float(mark.get("cx")) == pytest.approx((left + right) / 2, abs=0.01)
    assert float(interval.get("x1")) == pytest.approx(left + 0.25 * (right - left), abs=0.01)
    assert float(interval.get("x2")) == pytest.approx(right, abs=0.01)


def test_without_an_interval_there_is_only_the_mark():
    assert drawn(row(0.5)).find(".//line[@class='interval']") is None
    assert drawn(row(0.5, 0.5, 0.5)).find(".//line[@class='interval']") is None


def test_kinds_are_told_apart_by_class():
    picture = drawn(row(0.5), row(0.5, kind="published"), row(0.3, kind="plain"))
    assert [group.get("class") for group in picture.findall("g")] == ["ours", "published", "plain"]


def test_a_label_too_long_for_its_place_is_cut():
    rows = [Row("x" * 99, Score(0.5, None, None, None), "", "ours")]
    label = ElementTree.fromstring(forest.plot("said", [Block("", rows)], AXIS)).find(".//text[@class='label']")
    assert label.text == "x" * (forest.STACKED.letters - 1) + "…"


def test_ticks_are_in_the_unit_of_the_axis():
    ticks = [text.text for text in drawn(row(0.5)).findall("text[@text-anchor='middle']")]
    assert ticks == ["20", "30", "40", "50", "60", "70", "80"]


@pytest.mark.parametrize(
    ("rows", "include", "expected", "step"),
    [
        ([row(0.5, 0.41, 0.62)], 1 / 3, (0.3, 0.7), 0.1),
        ([row(0.3, 0.3, 0.7)], 0.3, (0.3, 0.7), 0.1),
        ([row(-0.05)], 0.0, (-0.1, 0.0), 0.1),
        ([row(0.4)], 0.4, (0.4, 0.5), 0.1),
        ([row(0.95, 0.05, 0.99)], 0.3, (0.0, 1.0), 0.2),
    ],
)
def test_the_axis_holds_everything_in_few_steps(rows, include, expected, step):
    domain, found = forest.span([Block("", rows)], include)
    assert domain == pytest.approx(expected)
    assert found == step
