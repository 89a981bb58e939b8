"""The learning curve of machines whose features tell the class: more of the dialogs, better answers, the same test."""

import numpy as np
import pandas as pd
import pytest
from made_predictions import make_validated

from attune.corpus.protocols import partition
from attune.evaluation.depth.learning import SHARES, thinned
from attune.features import packed
from attune.features.packed import About
from attune.params import Params
from attune.steps.fitting.learning import curves
from attune.tasks import PAPER

FOLDS = ["session1", "session2"]
SYSTEM = "egemaps-svm"
PARAMS = Params.model_validate({"folds": FOLDS, "systems": ["mtl-att", SYSTEM], "evaluate": {"resamples": 100}})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Features: the ratings under much noise. Predictions: all right."""
    folder = tmp_path_factory.mktemp("curve")
    utterances = make_validated(folder / "validated", per_speaker=8)
    rng, place = np.random.default_rng(5), folder / "features" / SYSTEM
    place.mkdir(parents=True)
    about = About("egemaps", "toy", (88,), "<f4", len(utterances))
    signal = utterances[[task.name for task in PAPER]].to_numpy(float)
    values = rng.normal(size=(len(utterances), 88)) + np.tile(signal - 3, 30)[:, :88]
    packed.write_part(place, 0, about, ((u, v[None]) for u, v in zip(utterances["utterance"], values, strict=True)))
    packed.write_about(place, about)
    rows = []
    for fold in FOLDS:
        for partition_name in ("development", "test"):
            own = getattr(partition(utterances, "loso5", fold), partition_name)
            for task in PAPER:
                actual = task.to_class(own[task.name])
                about_it = {"system": SYSTEM, "fold": fold, "partition": partition_name, "task": task.name}
                who = own[["utterance", "speaker", "dialog"]].assign(**about_it, actual=actual, predicted=actual)
                rows.append(who)
    return utterances, pd.concat(rows, ignore_index=True), folder


def test_each_share_is_scored_on_all_test_utterances_and_the_last_one_as_it_was_evaluated(made):
    utterances, rows, folder = made
    table = curves(PARAMS, rows, utterances, PAPER, folder / "features")
    assert set(table["system"]) == {SYSTEM}
    for task in PAPER:
        own = table[table["task"] == task.name]
        assert own["share"].tolist() == [*SHARES, 1.0]
        assert own["training"].is_monotonic_increasing
        assert own["n"].eq(32).all()
        assert own["value"].iloc[-1] == 1
        assert own["over_value"].iloc[:-1].tolist() == pytest.approx((1 - own["value"].iloc[:-1]).tolist())
        assert (own["low"] <= own["value"]).all()
        assert (own["value"] <= own["high"]).all()
    assert table.loc[table["share"] == 0.75, "value"].mean() > 0.5, "better than chance: the features tell the class"


def test_without_such_a_system_there_is_no_curve(made):
    utterances, rows, folder = made
    networks = PARAMS.model_copy(update={"systems": ["mtl-att"]})
    assert curves(networks, rows, utterances, PAPER, folder / "nowhere").empty


def test_a_corpus_of_one_dialog_a_session_is_thinned_too(made):
    train = partition(made[0], "loso5", "session1").train.assign(dialog=lambda table: table["session"].astype(str))
    assert thinned(train, 0.5, 1)["session"].nunique() == 2
