"""The learning curve: what is left out of training, and what is scored."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import recall_score

from attune.corpus.protocols import partition
from attune.params import Evaluate
from attune.tasks import PAPER, TASKS
from benchmarks.learning_curve import scored, without


def utterances():
    rng = np.random.default_rng(1)
    rows = []
    for session in range(1, 6):
        for dialog in range(4):
            for gender in "FM":
                for number in range(3):
                    name = f"Ses0{session}F_impro0{dialog}"
                    about = {"dialog": name, "session": session, "speaker": f"Ses0{session}{gender}", "gender": gender}
                    ratings = dict(zip(TASKS, rng.integers(2, 11, 3) / 2, strict=True))
                    rows.append({"utterance": f"{name}_{gender}{number}", **about, "scenario": "improvised", **ratings})
    return pd.DataFrame(rows).assign(**{task: lambda t, task=task: t[task].clip(1, 5) for task in TASKS})


def test_a_share_leaves_that_part_of_every_training_session_and_all_of_the_others():
    everything = utterances()
    whole = partition(everything, "loso5", "session1")
    few = partition(without(everything, "loso5", "session1", 0.5), "loso5", "session1")
    assert len(few.train) == len(whole.train) / 2
    assert few.train.groupby("session")["dialog"].nunique().tolist() == [2, 2, 2]
    for name in ("development", "test"):
        pd.testing.assert_frame_equal(getattr(few, name), getattr(whole, name))


def test_a_smaller_share_is_part_of_a_larger_one_and_the_whole_is_everything():
    everything = utterances()
    sets = [set(without(everything, "loso5", "session2", share)["utterance"]) for share in (0.1, 0.25, 0.5, 0.75, 1)]
    assert all(less <= more for less, more in pairwise(sets))
    assert sets[0], "at least a dialog of each session stays"
    assert sets[-1] == set(everything["utterance"])


def test_scores_are_those_of_the_test_utterances():
    everything = utterances()
    rng = np.random.default_rng(2)
    rows = pd.concat(
        [
            pd.DataFrame({"utterance": everything["utterance"], "task": task})
            .assign(predicted=rng.integers(0, 3, len(everything)), score=rng.uniform(1, 5, len(everything)))
            .sample(frac=1, random_state=3)
            for task in TASKS
        ]
    )
    table = scored(rows, everything, Evaluate(resamples=100)).set_index(["task", "score"])
    for task in TASKS:
        own = rows[rows["task"] == task].set_index("utterance").loc[everything["utterance"]]
        expected = recall_score(PAPER[0].to_class(everything[task]), own["predicted"], average="macro")
        found = table.loc[(task, "uar")]
        assert found["value"] == pytest.approx(expected)
        assert found["low"] < found["value"] < found["high"]
