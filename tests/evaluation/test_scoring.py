"""Tables of scores: what is pooled, what is apart, and how they become metrics.json."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, recall_score

from attune.evaluation import scoring
from attune.evaluation.baselines import MAJORITY, majority
from attune.evaluation.scoring import as_metrics, confusions, score_groups, score_partitions
from attune.params import Evaluate
from attune.tasks import TASKS, Task

SETTINGS = Evaluate(resamples=100)


def made_rows(systems=("mtl", "stl"), per_speaker=12, folds=("session1", "session2")):
    """Each fold tests two speakers' utterances of two dialogs and develops on those of the other fold."""
    rng = np.random.default_rng(4)
    people = [(session, gender) for session in (1, 2) for gender in "FM"]
    table = []
    for (session, gender), i in itertools.product(people, range(per_speaker)):
        scenario = ("improvised", "scripted")[i % 2]
        who = {"speaker": f"Ses0{session}{gender}", "gender": gender, "session": session, "scenario": scenario}
        who |= {"utterance": f"u{session}{gender}{i:02d}", "dialog": f"Ses0{session}_{scenario}"}
        for task in TASKS:
            rating = rng.uniform(1, 5)
            truth = {"task": task, "rating": rating, "actual": int(rating > 2) + int(rating >= 4)}
            for system, fold in itertools.product(systems, folds):
                partition = "test" if fold == f"session{session}" else "development"
                guess = {"predicted": rng.integers(0, 3), "score": rng.uniform(1, 5)}
                table.append({"system": system, "fold": fold, "partition": partition, **who, **truth, **guess})
    return pd.DataFrame(table).sort_values(["system", "fold", "partition", "utterance"], kind="stable")


@pytest.fixture(scope="module")
def rows():
    return made_rows()


def of(table, **where):
    (row,) = table.loc[(table[list(where)] == pd.Series(where)).all(axis=1)].to_dict("records")
    return row


def recall(rows):
    return recall_score(rows["actual"], rows["predicted"], average="macro")


def test_pooled_and_per_fold_scores_are_those_of_their_rows(rows):
    table = score_partitions(rows, SETTINGS)
    own = rows[(rows["system"] == "stl") & (rows["task"] == "valence")]
    where = {"system": "stl", "task": "valence", "score": "uar"}
    for name, part in {
        "test": own[own["partition"] == "test"],
        "development": own[own["partition"] == "development"],
        "test@session2": own[(own["partition"] == "test") & (own["fold"] == "session2")],
    }.items():
        score = of(table, partition=name, **where)
        assert score["value"] == pytest.approx(recall(part))
        assert score["n"] == len(part)
        assert score["low"] <= score["value"] <= score["high"]


def test_where_a_class_is_absent_always_saying_one_of_the_others_is_no_better_than_chance(rows):
    two = rows[rows["actual"] < 2].assign(predicted=0)
    table = score_partitions(two, SETTINGS).query("partition == 'test' and score == 'uar'")
    np.testing.assert_allclose(table["value"], 0.5)
    assert set(table["system"]) == {"mtl", "stl", "chance"}


def test_chance_is_a_third_everywhere_and_certain(rows):
    chance = score_partitions(rows, SETTINGS).query("system == 'chance'")
    assert set(chance["score"]) == {"uar"}
    assert set(chance["partition"]) == {"test", "development", "test@session1", "test@session2"}
    np.testing.assert_allclose(chance[["value", "low", "high"]], 1 / 3)
    assert chance.query("partition == 'test@session1'")["n"].eq(24).all()


def test_an_utterance_two_folds_develop_on_counts_twice_and_is_drawn_once():
    rows = made_rows(systems=("mtl",))
    twice = pd.concat([rows, rows[rows["partition"] == "development"].assign(fold="again")])
    once, doubled = (score_partitions(table, SETTINGS).query("partition == 'development'") for table in (rows, twice))
    assert (doubled["n"].to_numpy() == 2 * once["n"].to_numpy()).all()
    columns = ["value", "low", "high"]
    np.testing.assert_allclose(doubled[columns].astype(float), once[columns].astype(float))


def test_identical_systems_get_identical_intervals(rows):
    copied = pd.concat([rows[rows["system"] == "mtl"], rows[rows["system"] == "mtl"].assign(system="copy")])
    table = score_partitions(copied, SETTINGS)
    pd.testing.assert_frame_equal(
        table[table["system"] == "mtl"].drop(columns="system").reset_index(drop=True),
        table[table["system"] == "copy"].drop(columns="system").reset_index(drop=True),
    )


def test_a_class_that_no_utterance_has_is_named(rows):
    without = rows[(rows["task"] != "arousal") | (rows["actual"] != 2)]
    table = score_partitions(without, SETTINGS)
    assert of(table, system="mtl", partition="test", task="arousal", score="uar")["absent"] == "2"
    assert of(table, system="mtl", partition="test", task="valence", score="uar")["absent"] == ""


def test_metrics_hold_the_table_by_name(rows):
    table = score_partitions(rows, SETTINGS)
    metrics = as_metrics("loso5", table)["loso5"]
    assert set(metrics) == {"mtl", "stl", "chance"}
    assert set(metrics["mtl"]) == {"test", "development", "test@session1", "test@session2"}
    assert list(metrics["mtl"]["test"]) == list(TASKS)
    assert set(metrics["mtl"]["test"]["arousal"]) == {"uar", "ccc", "mae"}
    expected = of(table, system="mtl", partition="test", task="dominance", score="ccc")
    assert metrics["mtl"]["test"]["dominance"]["ccc"] == {key: expected[key] for key in ("value", "low", "high", "n")}


def test_confusions_are_of_the_pooled_test_partition(rows):
    own = rows.query("system == 'stl' and task == 'arousal' and partition == 'test'")
    expected = confusion_matrix(own["actual"], own["predicted"], labels=[0, 1, 2])
    np.testing.assert_array_equal(confusions(rows)["stl"]["arousal"], expected)


def test_groups_are_scored_apart_with_the_best_and_worst_speaker_named(rows):
    table = score_groups(rows, SETTINGS)
    women = rows.query("system == 'mtl' and task == 'valence' and partition == 'test' and gender == 'F'")
    score = of(table, system="mtl", task="valence", grouping="gender", group="F", score="uar")
    assert (score["value"], score["n"]) == (pytest.approx(recall(women)), len(women))
    assert set(table["grouping"]) == {"gender", "scenario", "speaker"}
    speakers = table.query("grouping == 'speaker' and score == 'uar' and system == 'mtl' and task == 'valence'")
    best, worst = (speakers.query("extreme == @name")["value"] for name in ("best", "worst"))
    assert (len(best), len(worst)) == (1, 1)
    assert best.item() == speakers["value"].max()
    assert worst.item() == speakers["value"].min()


@pytest.mark.filterwarnings("error")
def test_a_group_that_resamples_leave_out_has_an_interval_for_categories_too(rows):
    mood = rows[rows["task"] == "arousal"].assign(rating=np.nan, score=np.nan)
    mood.loc[mood["utterance"].isin(["u1F00", "u2M00"]), "gender"] = "X"
    table = score_groups(mood, SETTINGS, (Task("arousal", knots=None),))
    assert table[["value", "low", "high"]].notna().all(axis=None)
    assert of(table, system="mtl", grouping="gender", group="X", score="uar")["n"] == 2


def test_of_very_many_speakers_none_is_scored_by_itself(rows, monkeypatch):
    monkeypatch.setattr(scoring, "MOST_SPEAKERS", 3)
    many = score_groups(rows, SETTINGS)
    assert set(many["grouping"]) == {"gender", "scenario"}
    assert many["extreme"].eq("").all()


def test_speakers_of_a_single_utterance_as_unknown_ones_are_are_not_scored_by_themselves(rows):
    known = rows["speaker"] == rows["speaker"].iloc[0]
    table = score_groups(rows.assign(speaker=rows["speaker"].where(known, rows["utterance"])), SETTINGS)
    assert table.loc[table["grouping"] == "speaker", "group"].unique().tolist() == [rows["speaker"].iloc[0]]


def test_the_majority_row_is_a_constant_per_fold(rows):
    classes = {fold: dict.fromkeys(TASKS, k) for k, fold in enumerate(("session1", "session2"))}
    ratings = {fold: dict.fromkeys(TASKS, 2.0 + k) for k, fold in enumerate(("session1", "session2"))}
    constant = majority(rows[rows["system"] == "mtl"], classes, ratings)
    assert set(constant["system"]) == {MAJORITY}
    assert (constant["predicted"] == (constant["fold"] == "session2")).all()
    assert score_groups(constant, SETTINGS)["extreme"].eq("").all(), "equal speakers are neither best nor worst"
    table = score_partitions(constant, SETTINGS)
    for fold in ("session1", "session2"):
        for task in TASKS:
            where = {"system": MAJORITY, "partition": f"test@{fold}", "task": task}
            assert of(table, score="uar", **where)["value"] == pytest.approx(1 / 3)
            assert of(table, score="ccc", **where)["value"] == 0
            assert of(table, score="ccc", **where)["high"] == pytest.approx(0, abs=1e-9)


def test_an_interval_includes_its_value_even_if_most_resamples_lack_a_class():
    rows = pd.DataFrame(
        {
            **{"system": "net", "fold": "f", "partition": "test", "task": "mood", "score": np.nan, "rating": np.nan},
            **{"utterance": [f"u{i}" for i in range(9)], "speaker": [f"s{i // 3}" for i in range(9)], "dialog": "d"},
            **{"predicted": 1, "actual": [0, 0, 1, 1, 2, 2, 3, 4, 5]},
        }
    )
    mood = Task("mood", tuple("abcdef"), None)
    table = score_partitions(rows, Evaluate(resamples=100, confidence=0.6), (mood,))
    own = table[(table["system"] == "net") & (table["partition"] == "test") & (table["score"] == "uar")].iloc[0]
    assert own["value"] == pytest.approx(1 / 6)
    assert own["low"] <= own["value"] <= own["high"]
