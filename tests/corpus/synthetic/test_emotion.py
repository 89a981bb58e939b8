from pathlib import Path

import numpy as np
import pytest

from attune.corpus.synthetic import emotion
from attune.corpus.synthetic.raters import RELIABILITY
from attune.tasks import TASKS


@pytest.mark.parametrize("count", [8, 96, 2000])
def test_every_draw_has_the_published_means_and_correlations(count):
    felt = emotion.latents(count, RELIABILITY, np.random.default_rng(count))
    slack = 0.25 / np.sqrt(count / 8)
    np.testing.assert_allclose(felt.mean(axis=0), emotion.MEAN, atol=slack)
    diluted = np.corrcoef(felt.T) * np.sqrt(np.outer(RELIABILITY, RELIABILITY))
    off_diagonal = ~np.eye(3, dtype=bool)
    np.testing.assert_allclose(diluted[off_diagonal], emotion.CORRELATION[off_diagonal], atol=slack)


def test_latents_stay_on_the_scale():
    felt = emotion.latents(5000, np.ones(3), np.random.default_rng(1))
    assert felt.min() >= 1
    assert felt.max() <= 5


def test_somebody_average_sounds_neutral_and_so_does_anybody_at_strength_zero():
    np.testing.assert_array_equal(emotion.effect(emotion.MEAN, 1.0), np.zeros(12))
    np.testing.assert_array_equal(emotion.effect(np.array([1.0, 5.0, 2.0]), 0.0), np.zeros(12))


@pytest.mark.parametrize("task", TASKS)
def test_one_standard_deviation_moves_the_voice_by_the_tables_row(task):
    felt = emotion.MEAN + emotion.SD * np.array([other == task for other in TASKS])
    np.testing.assert_allclose(emotion.effect(felt, 1.0), emotion.EFFECTS[task], atol=1e-12)
    np.testing.assert_allclose(emotion.effect(felt, 0.5), np.array(emotion.EFFECTS[task]) / 2, atol=1e-12)


@pytest.mark.parametrize("task", TASKS)
def test_each_dimension_moves_something_that_no_other_moves(task):
    own = np.array(emotion.EFFECTS[task]) != 0
    others = np.any([np.array(emotion.EFFECTS[other]) != 0 for other in TASKS if other != task], axis=0)
    assert (own & ~others).any()


def test_the_documentation_gives_the_tables_numbers():
    page = (Path(__file__).parents[3] / "docs/corpus.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:]] for line in page.splitlines() if line.startswith("| ")]
    documented = {row[0]: [float(cell or 0) for cell in row[1:4]] for row in rows if row[0] in emotion.Setting._fields}
    table = np.array([emotion.EFFECTS[task] for task in TASKS]).T
    assert documented == dict(zip(emotion.Setting._fields, table.tolist(), strict=True))
