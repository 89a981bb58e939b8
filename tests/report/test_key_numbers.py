"""What the page says of a score beside chance, and what the terminal says of categories."""

from types import SimpleNamespace

import pandas as pd
import pytest

from attune.evaluation.summary import summary
from attune.numbers import Score
from attune.report import scores
from attune.report.contents import Contents
from attune.tasks import PAPER, Task
from attune.terminal import Console


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [
        *((0.4, 0.6, True, False), (0.1, 0.3, False, True), (0.3, 0.4, False, False)),
        *((1 / 3, 1 / 3, False, False), (0.5, 0.5, False, False)),
    ],
)
def test_a_score_below_chance_is_not_said_to_be_indistinguishable_from_it(low, high, above, below):
    entry = {"arousal": {"uar": Score((low + high) / 2, low, high, 9)}}
    run = SimpleNamespace(main_system="net")
    contents = SimpleNamespace(scores=SimpleNamespace(of=lambda _: entry), run=run, chance=lambda _: 1 / 3)
    found = scores._key_number(contents, "arousal")
    assert (found["beats_chance"], found["below_chance"]) == (above, below)
    assert bool(found["interval"]) == (low < high)


def test_a_score_that_no_resample_changes_is_shown_without_an_interval():
    assert scores.shown(Score(2 / 3, 2 / 3, 2 / 3, 9)) == "66.7"
    assert scores.shown(Score(2 / 3, 0.5, 0.75, 9)) == "66.7  (50.0–75.0)"


def test_chance_on_the_page_is_that_of_the_classes_that_were_tested():
    scored = SimpleNamespace(of={"chance": {"mood": {"uar": Score(0.5, 0.5, 0.5, 9)}}}.get)
    assert Contents.chance(SimpleNamespace(scores=scored), "mood") == 0.5


@pytest.mark.parametrize(("tasks", "said"), [((Task("mood", ("a", "b"), None),), False), (PAPER, True)])
def test_scores_of_ratings_are_explained_only_where_there_are_ratings(tasks, said):
    table = pd.DataFrame(columns=["system", "partition", "task", "score", "value", "low", "high", "n"])
    caption = str(summary(table, 0.999, "title", tasks).caption)
    assert ("CCC" in caption) == said
    assert "99.9" in caption


@pytest.mark.parametrize("width", [60, 80])
def test_no_number_is_cut_off_on_a_narrow_terminal(width):
    rows = [("egemaps-svm-transductive", "test", task.name, "uar", 0.4781, 0.1767, 0.6713, 16) for task in PAPER]
    table = pd.DataFrame(rows, columns=["system", "partition", "task", "score", "value", "low", "high", "n"])
    console = Console(width=width)
    with console.capture() as shown:
        console.print(summary(table, 0.95, "title"))
    assert shown.get().count("(17.7–67.1)") == len(PAPER)
    assert "…" not in shown.get()
