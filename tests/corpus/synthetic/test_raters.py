import numpy as np

from attune.corpus.synthetic import raters
from attune.corpus.synthetic.emotion import MEAN, SD


def judgements(count, panel, seed=0):
    rng = np.random.default_rng(seed)
    return [raters.judge(MEAN + SD * rng.uniform(-1, 1, 3), panel, raters.RATER_SD, rng) for _ in range(count)]


def test_everybody_rates_on_the_grid():
    for judgement in judgements(50, raters.EXTERNAL):
        ratings = np.array([*judgement.external.values(), judgement.own])
        assert set(np.unique(ratings)) <= {1, 2, 3, 4, 5}


def test_the_label_is_the_mean_of_the_external_raters_alone():
    judgement = judgements(1, ("E3", "E4"))[0]
    different = judgement._replace(
        own=judgement.own * 0 + 5, external={"E3": np.array([1, 2, 3.0]), "E4": np.array([2, 2, 5.0])}
    )
    assert different.label.tolist() == [1.5, 2.0, 4.0]


def test_two_raters_are_as_reliable_as_the_latents_are_drawn_for():
    rng = np.random.default_rng(3)
    felt = MEAN + SD * np.sqrt(raters.RELIABILITY) * rng.uniform(-1.7, 1.7, (4000, 3))
    labels = np.array([raters.judge(row, ("E3", "E4"), raters.RATER_SD, rng).label for row in felt])
    error = ((labels - felt) ** 2).mean(axis=0)
    np.testing.assert_allclose(error, (1 - raters.RELIABILITY) * SD**2, rtol=0.15)


def test_panels_have_mostly_two_raters_and_sometimes_three_or_four():
    rng = np.random.default_rng(0)
    sizes = np.bincount([len(raters.panel(rng)) for _ in range(1000)], minlength=5)
    assert sizes[:2].sum() == 0
    assert sizes[2] > 700
    assert min(sizes[3:]) > 50


def test_a_category_needs_more_than_half_of_the_raters():
    neutral, happy, excited = raters.CATEGORIES[:3]
    judgement = judgements(1, ("E3", "E4"))[0]
    agreed = judgement._replace(categories={"E1": happy, "E2": neutral, "E3": happy})
    split = judgement._replace(categories={"E1": happy, "E2": neutral, "E3": excited})
    assert (agreed.category, split.category) == ("hap", "xxx")
