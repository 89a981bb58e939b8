"""The null as a picture: bars where the counts are, the line where the observed mean is."""

import xml.etree.ElementTree as ET

import pytest

from attune.numbers import Score
from attune.report.pictures import nulls

NULL = {"low": 0.2, "high": 0.4, "counts": [1, 0, 4, 2]}


def drawn(value, share=True):
    return ET.fromstring(nulls.plot(NULL, Score(value, None, None, 9), "calm", "hits", share=share))


def test_bars_are_as_high_as_their_counts_and_empty_ones_are_left_out():
    bars = [one for one in drawn(0.3) if one.get("class") == "null-bar"]
    heights = [float(one.get("height")) for one in bars]
    assert [height / heights[0] for height in heights] == pytest.approx([1, 4, 2], rel=0.01)


def test_the_observed_mean_lies_where_it_is_also_beyond_the_null():
    picture = drawn(0.5)
    bars = [one for one in picture if one.get("class") == "null-bar"]
    line = next(one for one in picture if one.get("class") == "observed")
    right = float(bars[-1].get("x")) + float(bars[-1].get("width"))
    width = (right - float(bars[0].get("x"))) / 0.2
    assert float(line.get("x1")) == pytest.approx(right + 0.1 * width, abs=1.5)
    assert float(line.get("x1")) <= nulls.RIGHT


def test_a_screen_reader_hears_both():
    assert "observed 50.0" in drawn(0.5).get("aria-label")
    assert "0.20 to 0.40" in drawn(0.5, share=False).get("aria-label")
