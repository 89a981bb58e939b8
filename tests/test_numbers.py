import pytest

from attune.numbers import Score, count, fixed, percent, percent_spread, spread


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(0.125, 1, "0.1"), (-0.314, 2, "−0.31"), (-0.001, 2, "0.00"), (3.0, 0, "3")]
)
def test_fixed_uses_a_real_minus_and_no_negative_zero(value, digits, text):
    assert fixed(value, digits) == text


def test_intervals_have_a_dash_and_words_beside_a_minus():
    assert spread(0.5, 0.614, 2) == "0.50–0.61"
    assert spread(-0.02, 0.02, 2) == "−0.02 to 0.02"
    assert spread(-0.001, 0.001, 2) == "0.00–0.00"
    assert spread(None, None, 2) == ""
    assert percent_spread(0.0, 0.671) == "0.0–67.1"
    assert percent_spread(None, None) == ""


def test_percent_and_counts():
    assert percent(1 / 3) == "33.3"
    assert count(10039) == "10\u202f039"


def test_a_score_needs_a_value_but_no_interval():
    assert Score.of({"value": 0.5}) == Score(0.5, None, None, None)
    with pytest.raises(ValueError, match="value"):
        Score.of({"value": None, "low": 0.1})
