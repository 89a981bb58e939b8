"""Great Expectations behind one function: what goes in comes out, quietly."""

import pandas as pd
import pytest

from attune.errors import AttuneError
from attune.validation.engine import check
from attune.validation.expectations import between, equal, one_of, present, unique, unique_together
from attune.validation.rule import Rule

HOSTILE = "</td><script>alert('&amp;')</script>"


def test_offenders_come_back_as_they_were():
    rows = pd.DataFrame({"utterance": ["a", "b", "b"], "rater": [HOSTILE, "E1", None], "arousal": [7.0, None, 2.0]})
    checked = check("ratings", rows, [Rule("range", "ratings", "report", between("arousal", 1, 5), "In range.")])
    (outcome,) = checked.outcomes
    assert outcome.checked == 2
    assert list(outcome.offenders) == [({"utterance": "a", "rater": HOSTILE}, 7.0)]


@pytest.mark.parametrize(
    ("test", "value"),
    [
        (between("arousal", 1, 5), 9.0),
        (one_of("rater", "E1"), "E2"),
        (unique("rater"), "E2"),
        (present("gone"), None),
        (equal("rater", "utterance"), ["E2", "a"]),
        (unique_together("rater", "arousal"), ["E2", 9.0]),
    ],
)
def test_every_offender_comes_back_however_many_there_are(test, value):
    """Great Expectations cuts some of its lists at 200."""
    rows = pd.DataFrame({"utterance": "a", "rater": "E2", "arousal": 9.0, "gone": [None] * 1000})
    (outcome,) = check("ratings", rows, [Rule("all", "ratings", "report", test, "All.")]).outcomes
    assert list(outcome.offenders) == [({"utterance": "a", "rater": "E2"}, value)] * 1000


def test_rows_judged_a_few_at_a_time_come_to_what_they_do_together():
    rows = pd.DataFrame(
        {
            "utterance": [f"u{number % 23}" for number in range(60)],
            "rater": [None if number % 7 == 3 else f"<E{number % 5}>" for number in range(60)],
            "arousal": [None if number % 11 == 5 else number % 31 / 2 for number in range(60)],
            "copy": [f"u{number % 29}" for number in range(60)],
        }
    )
    tests = [
        between("arousal", 1, 5),
        one_of("rater", "E1"),
        one_of("copy", *(f"u{number}" for number in range(29))),
        unique("copy"),
        present("rater"),
        equal("utterance", "copy"),
        unique_together("utterance", "rater"),
    ]
    chosen = [Rule(f"rule-{place}", "ratings", "report", test, "So.") for place, test in enumerate(tests)]
    together, apart = check("ratings", rows, chosen), check("ratings", rows, chosen, at_once=25)
    for whole, parts in zip(together.outcomes, apart.outcomes, strict=True):
        assert (parts.rule, parts.checked, list(parts.offenders)) == (whole.rule, whole.checked, list(whole.offenders))
    assert [_said(one) for one in apart.result.results] == [_said(one) for one in together.result.results]
    assert apart.result.statistics == together.result.statistics
    assert apart.result.success is together.result.success is False


def _said(single):
    """What Great Expectations says of a rule, as its page is made of it."""
    rows = {name: list(single.result[name]) for name in ("unexpected_index_list", "partial_unexpected_index_list")}
    return single.expectation_config.meta, single.success, repr(sorted((single.result | rows).items()))


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
