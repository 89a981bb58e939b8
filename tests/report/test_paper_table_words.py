"""What the published table's page says of its intervals."""

import math

import pandas as pd
import pytest

from attune.params import Params, Train
from attune.report.published.settings import settings
from attune.report.published.table import About, markdown
from attune.tasks import PAPER, Task


@pytest.mark.parametrize(("seeds", "covers"), [([1], False), ([1, 2, 3], True)])
def test_whether_intervals_cover_the_seed_is_said(seeds, covers):
    params = Params.model_validate({"paper_table": {"seeds": seeds}})
    _, intervals, differences, _ = About(params, PAPER).sentences
    assert ("how training turned out, the latter as far as" in intervals) == covers
    assert ("not how training turned out" in intervals) != covers
    assert ("seeds of each" in differences) == covers


def test_a_front_end_of_ones_own_is_named():
    own = Train().model_copy(update={"front_end": "spectrogram"})
    rows = settings(Params().model_copy(update={"train": own}), PAPER)
    assert ("front end", "convolutions window by window", "spectrogram") in rows


def test_the_weights_are_those_of_the_corpus_tasks():
    params = Params.model_validate({"train": {"task_weights": {"tension": 0.5}}})
    weights = [here for name, _, here in settings(params, (Task("arousal"), Task("tension"))) if name == "task weights"]
    assert weights == ["arousal 1, tension 0.5"]


@pytest.mark.parametrize("systems", [["stl"], ["mtl", "mtl-att"]])
def test_without_another_system_or_the_baseline_nothing_is_said_of_differences(systems):
    params = Params.model_validate({"paper_table": {"systems": systems}})
    assert not [own for own in About(params, PAPER).sentences if "relative to" in own]


def test_what_no_resample_changes_has_no_interval():
    flat = {"value": 0.5, "low": 0.5, "high": 0.5, "n": 9, "seeds": 1}
    same = {"difference": 0.0, "difference_low": 0.0, "difference_high": 0.0, "p_holm": 1.0, "p_paper": 0.5}
    baseline = dict.fromkeys(same, math.nan)
    rows = [
        {"partition": partition, "system": system, "task": "arousal", "score": score, **flat, **against}
        for partition in ("development", "test")
        for system, against in (("stl", baseline), ("mtl", same))
        for score in ("uar", "ccc")
    ]
    text = markdown(pd.DataFrame(rows), About(Params(), (Task("arousal"),)))
    assert "| 50.0 (no interval) | 50.0 (no interval) | 0.50 (no interval) | 0.50 (no interval) |" in text
    assert "| 0.0 (no interval) | p = 1.000 |" in text
