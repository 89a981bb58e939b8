"""A fold whose labels cannot be learnt from is told of before anything is trained."""

import numpy as np
import pandas as pd
import pytest
import toy_partitions
import utterance_tables

from attune.corpus.protocols import Partition
from attune.errors import AttuneError
from attune.params import Params
from attune.steps import train
from attune.steps.fitting import labels
from attune.steps.fitting.fold import read
from attune.steps.published import paper_table
from attune.tasks import TASKS, Task

PARAMS = Params.model_validate({"compute": {"device": "cpu", "threads": 1}, "folds": ["session1"]})


def parts(train, development=(1.0, 3.0, 5.0), test=(1.0, 3.0, 5.0), task="valence"):
    return Partition(*(pd.DataFrame({task: ratings}) for ratings in (train, development, test)))


def check(given, task="valence", **more):
    return labels.check(given, (Task(task, **more),), "session1")


def test_of_a_fold_with_every_class_there_is_nothing_to_say():
    assert check(parts([1.0, 3.0, 5.0])) == []


@pytest.mark.parametrize(("place", "name"), [("train", "training"), ("development", "development"), ("test", "test")])
def test_a_partition_without_labels_of_a_task_is_refused(place, name):
    given = parts([1.0, 3.0, 5.0])._replace(**{place: pd.DataFrame({"valence": [np.nan, np.nan]})})
    with pytest.raises(AttuneError, match=rf"fold session1: no utterance has .* of valence in the {name} part"):
        check(given)


def test_one_missing_rating_is_refused_with_the_count():
    with pytest.raises(AttuneError, match=r"1 of 3 utterances lack a rating of valence in the training"):
        check(parts([1.0, np.nan, 5.0]))


@pytest.mark.parametrize(("rating", "name"), [(1.0, "low"), (3.0, "middle"), (5.0, "high")])
def test_a_task_of_one_class_is_refused(rating, name):
    with pytest.raises(AttuneError, match=f"is {name} in valence: there is nothing to learn"):
        check(parts([rating, rating]))


def test_a_class_that_is_absent_from_training_is_told():
    assert check(parts([1.0, 3.0])) == [
        "fold session1: no utterance of the training partition is high in valence: that cannot be learnt"
    ]


def test_absent_categories_are_told_by_name():
    given = parts([0.0, 1.0], [0.0], [0.0], task="style")
    (sentence,) = check(given, "style", classes=("calm", "angry", "sad", "bored"), knots=None)
    assert "is sad or bored in style" in sentence


@pytest.fixture
def data(tmp_path):
    toy_partitions.write(tmp_path)
    return tmp_path


def places(data):
    return {"validated": data / "validated", "store": data / "store"}


def rate(data, ratings):
    """Write the utterances again with other ratings of valence in training."""
    table = pd.read_parquet(data / "validated/utterances.parquet")
    own = table["utterance"].isin(read(data / "validated", "loso5", "session1").train["utterance"])
    table.loc[own, "valence"] = ratings
    utterance_tables.write_accepted(data / "validated", table[[*table.columns.drop(list(TASKS)), *TASKS]])


def test_training_does_not_begin_where_there_is_nothing_to_learn(data):
    rate(data, 3.0)
    given = places(data) | {"features": data / "features", "checkpoints": data / "checkpoints", "out": data / "model"}
    with pytest.raises(AttuneError, match="nothing to learn"):
        train.run(PARAMS, system="mtl-att", fold="session1", **given)
    assert not (data / "checkpoints").exists()


def test_the_paper_table_does_not_begin_either(data):
    rate(data, 3.0)
    with pytest.raises(AttuneError, match="nothing to learn"):
        paper_table.run(PARAMS, **places(data), work=data / "work", out=data / "table")
    assert not (data / "work").exists()


def test_all_task_weights_of_zero_are_refused():
    weights = PARAMS.train.task_weights.model_copy(update=dict.fromkeys(TASKS, 0.0))
    with pytest.raises(AttuneError, match=r"train\.task_weights: all are 0"):
        weights.check(TASKS)
