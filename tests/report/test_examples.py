import pandas as pd
import pytest

from attune.report.examples import LONGEST, TOGETHER
from attune.report.examples import choose as chosen
from attune.tasks import CLASSES, TASKS

NOTHING = pd.DataFrame(columns=["utterance", "task", "entropy"])


def predictions(*rows):
    """Rows of (utterance, probabilities, actual), for arousal."""
    return pd.DataFrame(
        [
            {
                "utterance": name,
                "task": "arousal",
                "low": p[0],
                "middle": p[1],
                "high": p[2],
                "predicted": p.index(max(p)),
                "actual": actual,
            }
            for name, p, actual in rows
        ]
    )


TESTED = predictions(
    ("a", (0.1, 0.1, 0.8), 2),
    ("b", (0.02, 0.96, 0.02), 1),
    ("c", (0.9, 0.05, 0.05), 2),
    ("d", (0.6, 0.2, 0.2), 1),
    ("e", (0.05, 0.05, 0.9), 2),
)


def choose(tested, peakedness, seconds, number):
    return chosen(tested, peakedness, seconds, number, dict.fromkeys([*tested["task"], *peakedness["task"]], CLASSES))


SECONDS = pd.Series(1.0, index=list("abcdefgh"))


def test_the_surest_right_and_the_surest_wrong_come_first():
    found = choose(TESTED, NOTHING, SECONDS, 2)
    assert found == {
        "e": "Right about arousal: predicted high, probability 90\u00a0%",
        "c": "Wrong about arousal: predicted low, probability 90\u00a0%, rated high",
    }


def test_attention_gives_its_sharpest_and_its_flattest():
    entropy = pd.DataFrame({"utterance": list("abd"), "task": "valence", "entropy": [0.9, 0.5, 0.99]})
    found = choose(TESTED, entropy, SECONDS, 4)
    assert found["b"] == "Attention for valence is among the most focused: entropy 0.50 of 1"
    assert found["d"] == "Attention for valence is among the most spread out: entropy 0.99 of 1"


@pytest.mark.parametrize("number", [1, 3, 5, 50])
def test_as_many_as_asked_for_and_none_twice(number):
    assert len(choose(TESTED, NOTHING, SECONDS, number)) == min(number, 5)


def test_the_order_of_rows_does_not_matter():
    shuffled = TESTED.sample(frac=1, random_state=3)
    assert choose(shuffled, NOTHING, SECONDS, 5) == choose(TESTED, NOTHING, SECONDS, 5)


def test_every_task_has_its_turn():
    tested = pd.concat([TESTED.assign(task=task) for task in TASKS])
    reasons = list(choose(tested, NOTHING, SECONDS, 3).values())
    assert [reason.split()[2].strip(":") for reason in reasons] == list(TASKS)


def test_long_utterances_are_passed_over_unless_there_are_no_others():
    long = SECONDS.copy()
    long["e"] = LONGEST + 1
    assert "e" not in choose(TESTED, NOTHING, long, 5)
    assert "e" in choose(TESTED, NOTHING, SECONDS.where(SECONDS.index > "e", LONGEST + 1), 1)


def test_every_cell_of_the_confusions_has_its_utterance_before_any_has_two():
    cells = [(actual, predicted) for actual in range(3) for predicted in range(3)]
    sure = [
        tuple(0.9 - i / 100 if c == predicted else 0.05 for c in range(3)) for i, (_, predicted) in enumerate(cells)
    ]
    often = [(f"often{i}", (0.98, 0.01, 0.01), 0) for i in range(20)]
    tested = predictions(*often, *((f"cell{a}{p}", s, a) for (a, p), s in zip(cells, sure, strict=True)))
    found = choose(tested, NOTHING, pd.Series(1.0, index=tested["utterance"]), 9)
    shown = tested[tested["utterance"].isin(list(found))]
    assert {(row.actual, row.predicted) for row in shown.itertuples()} == set(cells)


def test_all_together_are_never_longer_than_a_page_can_hold():
    many = predictions(*((f"u{i:03d}", (0.1, 0.1, 0.8), 2) for i in range(100)))
    found = choose(many, NOTHING, pd.Series(LONGEST - 1, index=many["utterance"]), 100)
    assert len(found) == int(TOGETHER // (LONGEST - 1))
