"""A quick version of the simulation of docs/evaluation.md: only what was planted is found."""

import inspect

import pytest

from attune.evaluation.depth import findings
from benchmarks.score_simulation import SILENT, verdicts

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("words", sorted({words for silent in SILENT.values() for words in silent}))
def test_the_words_of_one_that_found_nothing_are_those_of_the_findings(words):
    assert words in inspect.getsource(findings)


def test_nothing_is_said_to_be_something_where_there_is_nothing():
    assert sum(verdicts(trials=3, planted="nothing", effect=0.0).values()) <= 0.34


def test_a_regression_that_gains_is_found():
    assert verdicts(trials=2, planted="regression", effect=2.0)["regression"] == 1.0
