"""Great Expectations behind one function: what goes in comes out, quietly."""

import pandas as pd
import pytest

from attune.errors import AttuneError
from attune.validation.engine import check
from attune.validation.rules import Rule, between, unique

HOSTILE = "</td><script>alert('&amp;')</script>"


def test_offenders_come_back_as_they_were():
    rows = pd.DataFrame({"utterance": ["a", "b", "b"], "rater": [HOSTILE, "E1", None], "arousal": [7.0, None, 2.0]})
    checked = check("ratings", rows, [Rule("range", "ratings", "report", between("arousal", 1, 5), "In range.")])
    (outcome,) = checked.outcomes
    assert outcome.checked == 2
    assert outcome.offenders == [({"utterance": "a", "rater": HOSTILE}, 7.0)]


def test_rules_of_other_tables_are_left_out_and_order_is_kept():
    rows = pd.DataFrame({"utterance": ["a", "a"], "rater": ["E1", "E2"], "arousal": [1.0, 9.0]})
    chosen = [
        Rule("z", "ratings", "report", unique("utterance"), "Unique."),
        Rule("other", "sessions", "report", unique("nowhere"), "Unique."),
        Rule("a", "ratings", "report", between("arousal", 1, 5), "In range."),
    ]
    assert [one.rule.name for one in check("ratings", rows, chosen).outcomes] == ["z", "a"]


@pytest.mark.parametrize("column", ["nowhere", "rater"])
def test_a_rule_that_cannot_be_evaluated_is_an_error_and_not_a_pass(column):
    rows = pd.DataFrame({"utterance": ["a"], "rater": ["E1"]})
    with pytest.raises(AttuneError, match=r"table ratings: rule impossible cannot be evaluated \(.+\)"):
        check("ratings", rows, [Rule("impossible", "ratings", "report", between(column, 1, 5), "Impossible.")])


def test_nothing_is_printed_or_left_behind(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    check(
        "sessions", pd.DataFrame({"session": [1]}), [Rule("one", "sessions", "stop", between("session", 1, 1), "One.")]
    )
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")
