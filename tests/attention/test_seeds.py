"""Whether tasks differ by more than seeds: against scipy, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from attune.attention.seeds import ALL, apart, findings, summarise
from attune.evaluation.bootstrap import holm
from benchmarks.seed_divergence_simulation import rates

TASKS = ("arousal", "valence", "dominance")


def weights(rng, seeds=3, tasks=TASKS):
    return [dict(zip(tasks, rng.dirichlet(np.ones(20), len(tasks)), strict=True)) for _ in range(seeds)]


def bits(one, other):
    return jensenshannon(one, other, base=2) ** 2


def test_each_divergence_is_the_mean_over_all_pairs_of_its_kind():
    own = weights(np.random.default_rng(1))
    found = apart(own)["valence"]
    others = ("arousal", "dominance")
    pairs = {
        "tasks": [(own[s]["valence"], own[s][task]) for s in range(3) for task in others],
        "seeds": [(own[s]["valence"], own[t]["valence"]) for s in range(3) for t in range(s)],
        "both": [(own[s]["valence"], own[t][task]) for s in range(3) for t in range(3) if s != t for task in others],
    }
    assert found == pytest.approx({kind: np.mean([bits(*pair) for pair in own]) for kind, own in pairs.items()})


def test_with_one_task_only_seeds_can_be_compared():
    found = apart(weights(np.random.default_rng(1), tasks=("mood",)))
    assert np.isfinite(found["mood"]["seeds"])
    assert np.isnan([found["mood"]["tasks"], found["mood"]["both"]]).all()
    (record, _) = summarise(rows(found, folds=1), 0.95, holm)
    assert {"tasks", "over", "same"}.isdisjoint(record)
    assert findings([record]) == []


def rows(found, folds, system="mtl-att"):
    return pd.DataFrame(
        {"system": system, "trained": 3, "fold": fold, "utterance": f"u{fold}", "task": task, **kinds}
        for fold in range(folds)
        for task, kinds in found.items()
    )


def varied(folds, over, system="mtl-att"):
    """Five folds whose tasks are `over` further apart than seeds on average."""
    rng = np.random.default_rng(2)
    table = rows({task: {"tasks": 0.5, "seeds": 0.5, "both": 0.5} for task in TASKS}, folds, system)
    noise = rng.normal(scale=0.01, size=folds)
    return table.assign(tasks=0.5 + over + noise[table["fold"]], both=0.5 + rng.normal(scale=0.01, size=len(table)))


def test_intervals_and_p_are_those_of_a_t_test_on_the_means_of_folds():
    table = varied(5, 0.02)
    record = summarise(table, 0.9, holm)[0]
    means = table.assign(over=table["tasks"] - table["seeds"]).groupby("fold")["over"].mean()
    expected = stats.ttest_1samp(means, 0)
    assert record["task"] is ALL
    assert [record["over"][name] for name in ("value", "low", "high", "p")] == pytest.approx(
        [means.mean(), *expected.confidence_interval(0.9), expected.pvalue]
    )
    assert (record["folds"], record["n"]) == (5, 5)


def test_p_is_adjusted_over_systems_for_all_tasks_and_over_tasks_otherwise():
    found = summarise(pd.concat([varied(5, 0.02), varied(5, 0.01, "stl-att")]), 0.95, holm)
    for family in (
        [one for one in found if one["task"] is ALL],
        [one for one in found if one["task"] is not ALL and one["system"] == "stl-att"],
    ):
        adjusted = holm([one["over"]["p"] for one in family])
        assert [one["over"]["p_holm"] for one in family] == pytest.approx(adjusted)


@pytest.mark.parametrize(
    ("over", "said"),
    [
        (0.1, "tasks differ by more than what another seed brings"),
        (-0.1, "tasks differ by less than what another seed brings"),
        (0.0, "no larger than what another seed brings, as far as this many folds can tell"),
    ],
)
def test_a_sentence_says_how_far_apart_tasks_and_seeds_are_and_what_that_means(over, said):
    (finding,) = findings(summarise(varied(5, over), 0.95, holm))
    assert said in finding.sentence
    assert "that of the same task of two seeds 0.500 (difference" in finding.sentence
    assert "5 folds of 3 seeds, n = 5" in finding.sentence


def test_one_fold_gives_numbers_but_no_verdict():
    (finding,) = findings(summarise(varied(1, 0.1), 0.95, holm))
    assert "undecided, since one fold does not show how much that varies" in finding.sentence
    assert "p =" not in finding.sentence


def test_folds_that_agree_exactly_give_no_verdict():
    same = rows({task: {"tasks": 0.0, "seeds": 0.0, "both": 0.0} for task in TASKS}, 5)
    (finding,) = findings(summarise(same, 0.95, holm))
    assert "undecided, since all folds agree exactly" in finding.sentence


def test_the_tests_keep_their_level_and_find_what_was_planted():
    nothing = rates(trials=60, utterances=2, of_tasks=0.0, of_seeds=0.0)
    planted = rates(trials=15, utterances=2, of_tasks=2.0, of_seeds=0.0)
    assert max(nothing["over"], nothing["same"]) <= 0.15
    assert min(planted["over"], planted["same"]) >= 0.8


def test_what_seeds_prefer_is_not_taken_for_what_tasks_prefer():
    seeds = rates(trials=25, utterances=2, of_tasks=0.0, of_seeds=2.0)
    assert seeds["same"] <= 0.2
    assert seeds["over"] >= 0.8  # tasks of one seed are closer than seeds are
