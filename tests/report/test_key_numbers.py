"""What the page says of a score beside chance, and what the terminal says of categories."""

from types import SimpleNamespace

import pandas as pd
import pytest

from attune.evaluation.summary import summary
from attune.numbers import Score
from attune.report import scores
from attune.tasks import PAPER, Task


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [(0.4, 0.6, True, False), (0.1, 0.3, False, True), (0.3, 0.4, False, False), (1 / 3, 1 / 3, False, False)],
)
def test_a_score_below_chance_is_not_said_to_be_indistinguishable_from_it(low, high, above, below):
    entry = {"arousal": {"uar": Score((low + high) / 2, low, high, 9)}}
    run = SimpleNamespace(main_system="net", chance=lambda _: 1 / 3)
    material = SimpleNamespace(scores=SimpleNamespace(of=lambda _: entry), run=run)
    found = scores._key_number(material, "arousal")
    assert (found["beats_chance"], found["below_chance"]) == (above, below)


@pytest.mark.parametrize(("tasks", "said"), [((Task("mood", ("a", "b"), None),), False), (PAPER, True)])
def test_scores_of_ratings_are_explained_only_where_there_are_ratings(tasks, said):
    table = pd.DataFrame(columns=["system", "partition", "task", "score", "value", "low", "high", "n"])
    caption = str(summary(table, 0.999, "title", tasks).caption)
    assert ("CCC" in caption) == said
    assert "99.9" in caption
