"""Masking curves: one range for all tasks, points where the numbers are."""

import xml.etree.ElementTree as ET

import pytest

from attune.report.pictures import masking

CURVES = {
    "attention": {"removed": [[0.1, 0.05], [0.5, 0.2]], "only": [[0.1, 0.3], [0.5, -0.02]]},
    "cue": {"removed": [[0.4, 0.31]], "only": [[0.4, 0.01]]},
}
LOWER = {"attention": {"removed": [[0.1, -0.11]], "only": []}}


def test_the_range_covers_every_task_and_zero():
    assert masking.span([CURVES]) == (-0.1, 0.4)
    assert masking.span([CURVES, LOWER]) == (-0.2, 0.4)
    assert masking.span([{"attention": {"removed": [[0.1, 0.0]]}}]) == (0.0, 0.1)


def test_removal_begins_at_nothing_lost_and_the_cue_is_a_point():
    root = ET.fromstring(masking.plot(CURVES, "removed", "arousal", (-0.1, 0.4)))
    path = next(one for one in root if one.tag.endswith("path"))
    assert path.get("class") == "curve attention"
    assert path.get("d").count("L") == 2
    [mark] = [one for one in root if one.get("class") == "cue-mark"]
    zero, top = (masking.BOTTOM - 0.1 / 0.5 * (masking.BOTTOM - masking.TOP)), masking.TOP
    assert float(mark.get("cy")) == pytest.approx(zero - 0.31 / 0.4 * (zero - top), abs=0.01)
    assert "Arousal" in root.get("aria-label")


def test_there_are_two_rows_of_pictures_and_none_where_nothing_was_masked():
    rows = masking.pictures({"arousal": {"curves": CURVES}, "valence": {"curves": CURVES}})
    assert [(row["title"], list(row["plots"])) for row in rows] == [
        ("Removed", ["arousal", "valence"]),
        ("Left alone", ["arousal", "valence"]),
    ]
    assert masking.pictures({"arousal": {"curves": {}}}) == []
