"""Scores in depth of made-up predictions whose faults are known, and the sentences they make."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from attune.evaluation.depth.findings import _ceiling, _extreme, findings
from attune.evaluation.depth.tables import AS_TRAINED, TEMPERED, look_deeper
from attune.evaluation.scoring import score_partitions
from attune.params import Evaluate
from attune.tasks import CLASSES, PAPER, Task

SETTINGS = Evaluate(resamples=200)
MOOD = Task("calm", knots=None)
VALUES = np.array([1.5, 3.0, 4.5])


def made(sharpness, folds=("s1", "s2"), per_fold=200, task="calm", raters=2, people="ABCDE"):
    """A network that is `sharpness` times as sure as it should be, judged by raters with a deviation of 0.4."""
    rng = np.random.default_rng(1)
    rows = []
    for fold in folds:
        for partition in ("development", "test"):
            felt = np.clip(rng.normal(3, 1.0, per_fold), 1, 5)
            given = np.clip(np.rint(felt[:, None] + rng.normal(0, 0.4, (per_fold, raters))), 1, 5)
            rating = given.mean(axis=1)
            actual = PAPER[0].to_class(rating)
            p = softmax(rng.normal(0, 1, (per_fold, 3)) + 0.8 * np.eye(3)[actual], axis=1)
            p = softmax(sharpness * np.log(p), axis=1)
            names = [f"{fold}-{partition}-{i:03d}" for i in range(per_fold)]
            speakers = [f"{fold}{people[i % len(people)]}" for i in range(per_fold)]
            about = {"system": "net", "fold": fold, "partition": partition, "task": task}
            facts = {"utterance": names, "speaker": speakers, "dialog": [f"{s}{i % 4}" for i, s in enumerate(speakers)]}
            said = {"predicted": p.argmax(axis=1), "score": p @ VALUES, "rating": rating, "actual": actual}
            judged = {"raters": float(raters), "spread": given.std(axis=1, ddof=1) if raters > 1 else np.nan}
            rows.append(pd.DataFrame({**about, **facts, **dict(zip(CLASSES, p.T, strict=True)), **said, **judged}))
    return pd.concat(rows, ignore_index=True)


def looked(rows):
    return look_deeper(rows, (Task("calm"),), SETTINGS)


def told(rows):
    depth = looked(rows)
    test = rows[rows["partition"] == "test"]
    scores = score_partitions(test.assign(task="arousal"), SETTINGS).replace("arousal", "calm")
    return depth, {one.kind: one.sentence for one in findings(depth, scores)}


@pytest.fixture(scope="module")
def sure():
    return told(made(3.0))


def test_a_network_that_is_too_sure_is_told_so_and_cooled_on_development_alone(sure):
    depth, sentences = sure
    table = depth.calibration.set_index(["predictions", "score"])
    assert table.loc[(AS_TRAINED, "ece"), "p"] < 0.01
    assert table.loc[(AS_TRAINED, "overconfidence"), "low"] > 0
    assert table.loc[(TEMPERED, "ece"), "value"] < table.loc[(AS_TRAINED, "ece"), "value"] / 2
    assert (depth.temperatures["temperature"] > 2).all()
    assert (
        "it is more confident than it is accurate. With a temperature fitted on development" in sentences["calibration"]
    )
    assert "n = 400" in sentences["calibration"]


def test_without_an_utterance_of_some_class_there_is_no_ceiling_that_uar_could_be_held_against():
    rows = made(1.0, per_fold=60)
    lowest = rows["rating"].where(rows["actual"] != 2, 3.0)
    lacking = rows.assign(rating=lowest, actual=PAPER[0].to_class(lowest))
    assert looked(rows).ceiling["score"].tolist() == ["uar", "ccc", "noise"]
    assert looked(lacking).ceiling.empty


def test_of_few_speakers_no_calibration_error_is_told_from_chance():
    depth, sentences = told(made(3.0, people="AB"))
    assert depth.calibration[["expected", "p"]].isna().all(axis=None)
    assert sentences["calibration"].count("undecided, since it takes 6 known speakers to tell that from chance.") == 1


def test_where_nobody_knows_who_speaks_none_is_the_worst_and_no_chance_is_told():
    rows = made(3.0)
    depth, sentences = told(rows.assign(speaker=rows["utterance"]))
    assert depth.extremes.empty
    assert "speaker-worst" not in sentences
    assert "known speakers" in sentences["calibration"]


def test_temperatures_know_nothing_of_the_test_partition(sure):
    rows = made(3.0)
    tested = rows["partition"] == "test"
    rows.loc[tested, "actual"] = 0
    pd.testing.assert_frame_equal(looked(rows).temperatures, sure[0].temperatures)


@pytest.mark.parametrize("kind", ["sessions-ccc", "regression"])
def test_a_difference_of_two_scores_is_what_one_sees(sure, kind):
    first, second, difference = re.findall(r"(?<![\d.])[−]?\d\.\d{3}", sure[1][kind])[:3]
    seen = [float(text.replace("−", "-")) for text in (first, second, difference)]
    assert seen[0] - seen[1] == pytest.approx(seen[2], abs=0.0011)


def test_bins_are_those_of_all_test_utterances(sure):
    table = sure[0].reliability
    assert table.groupby("predictions")["n"].sum().to_dict() == {AS_TRAINED: 400, TEMPERED: 400}
    assert ((table["low"] <= table["accuracy"]) & (table["accuracy"] <= table["high"])).all()


def test_the_ceiling_is_above_the_system_and_below_one(sure):
    depth, sentences = sure
    uar = depth.ceiling.set_index("score").loc["uar"]
    assert uar["low"] < uar["value"] < uar["high"] < 1
    assert "so there is more to be learnt from these labels" in sentences["ceiling"]


def test_the_raters_noise_is_told_on_the_corpus_own_scale():
    rows = made(1.0, per_fold=60)
    task = Task("calm", knots=(0.0, 25.0, 75.0, 100.0))
    noise, own = (
        look_deeper(table, (about,), SETTINGS).ceiling.set_index("score").loc["noise", ["value", "low", "high"]]
        for table, about in ((rows, Task("calm")), (rows.assign(rating=task.own(rows["rating"])), task))
    )
    assert own.tolist() == pytest.approx([25 * end for end in noise])


def test_one_rater_each_leaves_no_ceiling():
    depth, sentences = told(made(1.0, raters=1))
    assert depth.ceiling.empty
    assert "ceiling" not in sentences


def test_one_fold_has_no_sessions_to_compare_and_speakers_are_named():
    depth, sentences = told(made(1.0, folds=("s1",)))
    assert depth.sessions.empty
    assert "The worst of 5 speakers" in sentences["speaker-worst"]


def test_sessions_are_named_with_their_scores_and_means(sure):
    sentence = sure[1]["sessions-uar"]
    assert "the mean over the 2 folds" in sentence
    assert " in s1" in sentence
    assert " in s2" in sentence
    assert "Means of folds are" in sentence


def test_folds_that_are_all_alike_have_no_lowest_and_highest():
    rows = made(1.0)
    _, sentences = told(rows.assign(predicted=rows["actual"]))
    assert ", the same in each: pooling makes no difference" in sentences["sessions-uar"]
    assert " in s1" not in sentences["sessions-uar"]
    assert "speaker-worst" not in sentences


@pytest.mark.filterwarnings("error")
def test_categories_are_looked_into_and_nothing_is_said_of_their_ratings():
    rows = made(1.0, raters=1).assign(rating=np.nan, score=np.nan)
    depth = look_deeper(rows, (MOOD,), SETTINGS)
    sentences = [one.sentence for one in findings(depth, score_partitions(rows, SETTINGS, (MOOD,)))]
    assert len(sentences) == 4
    assert not [sentence for sentence in sentences if "nan" in sentence or "rating" in sentence]


def test_a_regression_stands_beside_the_mean_of_class_ratings(sure):
    depth, sentences = sure
    assert depth.regression["over_p_holm"].between(0, 1).all()
    assert sentences["regression"].startswith("A regression of the rating on the logits, fitted on development")
    assert "class ratings" not in sentences["regression"]


def test_the_order_of_rows_does_not_matter(sure):
    shuffled = looked(made(3.0).sample(frac=1, random_state=4).sort_values("fold", kind="stable"))
    value = shuffled.calibration.set_index(["predictions", "score"])["value"]
    assert value.to_numpy() == pytest.approx(sure[0].calibration["value"].to_numpy(), abs=1e-9)


def test_a_system_at_the_ceiling_is_not_said_to_have_a_gap_to_it():
    ceiling = {name: {"value": 0.8, "low": 0.7, "high": 0.9, "raters": 2.0, "n": 9} for name in ("uar", "ccc", "noise")}
    sentences = [_ceiling(ceiling, {"uar": {"value": own, "low": 0.5, "high": 0.95}})[1] for own in (0.75, 0.85)]
    assert ["the gap to it may be label noise alone" in one for one in sentences] == [True, False]
    assert "the system reaches 85.0" in sentences[1]
    _, flat, _ = _ceiling(ceiling, {"uar": {"value": 0.6, "low": 0.6, "high": 0.6}})
    assert flat.endswith("without an interval to judge the gap by.")


def test_a_worst_speaker_who_is_better_than_chance_gives_is_nothing_to_decide():
    row = {
        "end": "worst",
        "speakers": 9,
        "speaker": "A",
        "value": 0.9,
        "n": 9,
        "expected": 0.5,
        "low": 0.4,
        "high": 0.6,
    }
    assert "no more than chance would give" in _extreme(row | {"p_holm": 1.0})[1]
    assert "undecided" in _extreme(row | {"value": 0.3, "p_holm": 0.06})[1]
