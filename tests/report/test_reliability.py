"""Reliability diagrams: marks where confidence and accuracy are, larger where there are more utterances."""

import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from attune.report.pictures import reliability

ROWS = [("as trained", 40, 0.5, 0.5), ("as trained", 10, 0.9, 0.7), ("with temperature", 50, 0.6, 0.6)]
TABLE = pd.DataFrame(
    [
        {"predictions": kind, "n": n, "confidence": sure, "accuracy": right, "low": right - 0.1, "high": right + 0.1}
        for kind, n, sure, right in ROWS
    ]
)


def test_a_bin_that_is_as_right_as_it_is_sure_lies_on_the_diagonal():
    picture = ET.fromstring(reliability.plot(TABLE, "calm"))
    marks = [one for one in picture if one.get("class") == "mark"]
    diagonal = next(one for one in picture if one.get("class") == "reference")
    slope = (float(diagonal.get("y2")) - float(diagonal.get("y1"))) / (
        float(diagonal.get("x2")) - float(diagonal.get("x1"))
    )
    on = [float(diagonal.get("y1")) + slope * (float(one.get("cx")) - float(diagonal.get("x1"))) for one in marks]
    assert float(marks[0].get("cy")) == pytest.approx(on[0], abs=0.05)
    assert float(marks[1].get("cy")) > on[1] + 20, "less often right than sure: below the line"
    assert float(marks[0].get("r")) == pytest.approx(2 * float(marks[1].get("r")))


def test_a_screen_reader_hears_every_bin():
    label = ET.fromstring(reliability.plot(TABLE, "calm")).get("aria-label")
    assert "90\u00a0% confident, 70\u00a0% correct, n 10" in label
