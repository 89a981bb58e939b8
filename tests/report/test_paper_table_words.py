"""What the published table's page says of its intervals."""

import pytest

from attune.params import Params
from attune.report.published.table import About
from attune.tasks import PAPER


@pytest.mark.parametrize(("seeds", "covers"), [([1], False), ([1, 2, 3], True)])
def test_whether_intervals_cover_the_seed_is_said(seeds, covers):
    params = Params.model_validate({"paper_table": {"seeds": seeds}})
    _, intervals, differences, _ = About(params, PAPER).sentences
    assert ("how training turned out, the latter as far as" in intervals) == covers
    assert ("not how training turned out" in intervals) != covers
    assert ("seeds of each" in differences) == covers


@pytest.mark.parametrize("systems", [["stl"], ["mtl", "mtl-att"]])
def test_without_another_system_or_the_baseline_nothing_is_said_of_differences(systems):
    params = Params.model_validate({"paper_table": {"systems": systems}})
    assert not [own for own in About(params, PAPER).sentences if "relative to" in own]
