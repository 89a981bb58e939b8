"""The table's numbers, against scikit-learn, SciPy and what is known beforehand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency
from sklearn.metrics import recall_score

from attune.evaluation.paper_table import paper_p, table
from attune.params import Evaluate
from attune.tasks import Task

SETTINGS = Evaluate(resamples=200)
AROUSAL = (Task("arousal"),)


def rows(right: dict[str, float], seeds=(1, 2), n=240):
    """Predictions of systems that are right with these probabilities, on the same utterances."""
    random = np.random.default_rng(1)
    actual = random.integers(0, 3, n)
    found = []
    for partition in ("development", "test"):
        for system, share in right.items():
            for seed in seeds:
                hit = random.random(n) < share
                predicted = np.where(hit, actual, (actual + 1) % 3)
                found.append(
                    pd.DataFrame(
                        {
                            **{"system": system, "seed": seed, "partition": partition, "task": "arousal"},
                            **{"utterance": [f"u{i}" for i in range(n)], "predicted": predicted, "actual": actual},
                            **{"rating": 1.5 + 1.5 * actual, "score": 1.5 + 1.5 * predicted},
                            **{"speaker": [f"s{i % 8}" for i in range(n)], "dialog": [f"d{i % 24}" for i in range(n)]},
                        }
                    )
                )
    return pd.concat(found, ignore_index=True)


@pytest.fixture(scope="module")
def made():
    given = rows({"stl": 0.4, "better": 0.8, "same": 0.4})
    found = table(given, SETTINGS, AROUSAL).set_index(["partition", "system", "task", "score"])
    return given, found


def test_a_score_is_the_mean_over_seeds_of_the_pooled_score(made):
    given, found = made
    own = given[(given["system"] == "better") & (given["partition"] == "test")]
    each = [recall_score(part["actual"], part["predicted"], average="macro") for _, part in own.groupby("seed")]
    entry = found.loc[("test", "better", "arousal", "uar")]
    assert entry["value"] == pytest.approx(np.mean(each))
    assert entry["low"] < entry["value"] < entry["high"]
    assert (entry["n"], entry["seeds"]) == (240, 2)


def test_a_better_system_is_told_apart_and_one_as_good_is_not(made):
    _, found = made
    better, same = (found.loc[("test", name, "arousal", "uar")] for name in ("better", "same"))
    assert better["difference_low"] > 0.2
    assert better["p_holm"] < 0.05
    assert same["difference_low"] < 0 < same["difference_high"]
    assert same["p_holm"] > 0.05


def test_where_speakers_are_not_known_no_p_is_smaller_than_so_few_dialogs_could_give():
    given = rows({"stl": 0.2, "better": 0.9})
    given = given.assign(speaker=given["utterance"], dialog=given["dialog"].str[-1].astype(int).mod(3))
    found = table(given, SETTINGS, AROUSAL).set_index(["partition", "system", "score"])
    assert found.loc[("test", "better", "uar"), "p"] == 2 ** (1 - 3)


def test_the_baseline_has_no_difference_to_itself_and_the_papers_test_is_of_uar_on_test_alone(made):
    _, found = made
    assert found.xs("stl", level="system")[["difference", "p", "p_holm", "p_paper"]].isna().all(axis=None)
    told = found["p_paper"].dropna()
    assert {(key[0], key[3]) for key in told.index} == {("test", "uar")}


def test_seeds_that_differ_widen_the_interval():
    alike, apart = rows({"stl": 0.6}, seeds=(1,)), rows({"stl": 0.6}, seeds=(1,))
    worse = rows({"stl": 0.1}, seeds=(1,)).assign(seed=2)
    one, two = (
        table(given, SETTINGS, AROUSAL).set_index(["partition", "score"]).loc[("test", "uar")]
        for given in (alike, pd.concat([apart, worse], ignore_index=True))
    )
    assert two["high"] - two["low"] > 2 * (one["high"] - one["low"])


def test_a_mean_over_seeds_varies_by_what_statistics_says_not_by_what_drawing_few_again_does():
    """Of three seeds with deviation s, all three draws being the worst is the 2.5 % end: s * sqrt(3 / 2) below."""
    each = [rows({"stl": share}, seeds=(1,), n=4800).assign(seed=n) for n, share in enumerate((0.4, 0.6, 0.8))]
    found = table(pd.concat(each, ignore_index=True), Evaluate(resamples=500), AROUSAL)
    entry = found.set_index(["partition", "score"]).loc[("test", "uar")]
    assert entry["low"] == pytest.approx(0.6 - 0.2 * np.sqrt(3 / 2), abs=0.02)
    assert entry["high"] == pytest.approx(0.6 + 0.2 * np.sqrt(3 / 2), abs=0.02)


def test_an_interval_never_leaves_the_range_of_its_score():
    right, wrong = (rows({"stl": share}, seeds=(1,)).assign(seed=n) for n, share in enumerate((1.0, 0.0)))
    found = table(pd.concat([right, wrong], ignore_index=True), SETTINGS, AROUSAL)
    assert found["high"].max() <= 1
    assert found.loc[found["score"] == "uar", "low"].min() >= 0


@pytest.mark.parametrize(("one", "other", "n"), [(0.638, 0.601, 1819), (0.5, 0.5, 100), (0.4, 0.45, 300)])
def test_the_papers_test_agrees_with_a_one_sided_test_of_two_proportions(one, other, n):
    hits = np.array([[one * n, (1 - one) * n], [other * n, (1 - other) * n]])
    two_sided = chi2_contingency(hits, correction=False).pvalue
    assert paper_p(one, other, n) == pytest.approx(two_sided / 2 if one >= other else 1 - two_sided / 2)


def test_two_systems_that_say_the_same_do_not_differ_whoever_is_drawn():
    stl = rows({"stl": 0.6}, seeds=(1,))
    found = table(pd.concat([stl, stl.assign(system="twin")]), SETTINGS, AROUSAL).set_index(["partition", "system"])
    twin = found.loc[("test", "twin")]
    assert (twin[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)


def test_holm_is_over_all_systems_and_tasks_of_a_score():
    first, second = (rows({"stl": 0.4, "better": 0.6}).assign(task=name) for name in ("arousal", "valence"))
    found = table(pd.concat([first, second]), SETTINGS, (Task("arousal"), Task("valence")))
    own = found[(found["partition"] == "test") & (found["score"] == "uar") & found["p"].notna()]
    smaller, larger = sorted(own["p"])
    assert sorted(own["p_holm"]) == pytest.approx([min(1, 2 * smaller), max(min(1, 2 * smaller), larger)])


def test_categories_have_no_concordance():
    task = Task("style", ("calm", "angry", "sad"), None)
    given = rows({"stl": 0.4}).assign(task="style", rating=np.nan, score=np.nan)
    assert set(table(given, SETTINGS, (task,))["score"]) == {"uar"}
