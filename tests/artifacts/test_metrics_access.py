"""Scores by name instead of by nested keys."""

import pytest

from attune.artifacts.metrics import Metrics
from attune.errors import AttuneError

UAR = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9}
FOUND = Metrics.parse(
    {
        "loso5": {
            "net": {"test": {"calm": {"uar": UAR}}, "development": {}, "test@s1": {"calm": {"uar": {"value": 0.4}}}}
        }
    }
)


def test_a_score_is_found_by_its_name():
    assert FOUND.score("net", "calm", "uar").high == 0.6
    assert FOUND.of_fold("net", "s1")["calm"]["uar"].value == 0.4


def test_one_that_was_not_worked_out_is_none():
    assert FOUND.score("net", "calm", "ccc") is None
    assert FOUND.score("net", "anger", "uar") is None
    assert FOUND.score("net", "calm", "uar", "development") is None


def test_folds_are_those_that_were_scored_by_themselves():
    assert FOUND.folds("net") == ["s1"]


def test_a_system_that_was_not_evaluated_is_an_error():
    with pytest.raises(AttuneError, match="no scores of stl"):
        FOUND.score("stl", "calm", "uar")
