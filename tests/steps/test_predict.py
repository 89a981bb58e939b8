"""The step `predict`: complete tables, the same bytes, and the model's own numbers."""

import json

import numpy as np
import pandas as pd
import pytest
import toy_partitions

from attune.errors import AttuneError
from attune.model import bundle
from attune.params import Params
from attune.steps import predict, train
from attune.tasks import TASKS
from attune.waveform.store import Store

PARAMS = Params.model_validate({"compute": {"device": "cpu", "threads": 1}, "train": {"epochs": 1, "batch_size": 6}})


@pytest.fixture(scope="module", params=["mtl-att", "stl"])
def made(request, tmp_path_factory):
    """A folder with data, a model and its predictions, and the system's name."""
    folder = tmp_path_factory.mktemp(request.param)
    toy_partitions.write(folder)
    data = {name: folder / name for name in ("validated", "store", "features")}
    train.run(
        PARAMS,
        system=request.param,
        fold="session4",
        checkpoints=folder / "checkpoints",
        out=folder / "model",
        **data,
    )
    predict.run(PARAMS, model=folder / "model", out=folder / "predictions", **data)
    return folder, request.param


def test_every_development_and_test_utterance_has_one_row_per_task_in_order(made):
    folder, system = made
    table = pd.read_parquet(folder / "predictions" / "predictions.parquet")
    assert set(table["system"]) == {system}
    assert set(table["fold"]) == {"session4"}
    utterances = pd.read_parquet(folder / "validated" / "utterances.parquet")
    expected = [
        (partition, utterance, task)
        for partition, session in (("development", 5), ("test", 4))
        for utterance in sorted(utterances.loc[utterances["session"] == session, "utterance"])
        for task in TASKS
    ]
    assert list(table[["partition", "utterance", "task"]].itertuples(index=False, name=None)) == expected


def test_columns_are_the_contracts(made):
    table = pd.read_parquet(made[0] / "predictions" / "predictions.parquet")
    columns = ["system", "fold", "partition", "utterance", "task", "low", "middle", "high", "predicted", "score"]
    assert table.columns.tolist() == columns
    assert (table["predicted"].dtype, table["score"].dtype, table["low"].dtype) == (np.int8, np.float64, np.float64)
    np.testing.assert_allclose(table[["low", "middle", "high"]].sum(axis=1), 1.0)
    np.testing.assert_array_equal(table["predicted"], table[["low", "middle", "high"]].to_numpy().argmax(axis=1))
    assert table["score"].between(1, 5).all()


def test_rows_are_what_the_model_says_of_each_utterance_alone(made):
    folder, _ = made
    model, store = bundle.load(folder / "model"), Store(folder / "store")
    table = pd.read_parquet(folder / "predictions" / "predictions.parquet").set_index(["utterance", "task"])
    for utterance in list(table.index.get_level_values("utterance").unique())[::4]:
        alone = model.predict([store[utterance]])[0]
        for task in TASKS:
            row = table.loc[(utterance, task)]
            np.testing.assert_allclose(
                row[["low", "middle", "high"]].astype(float), alone.probabilities[task], atol=1e-5
            )
            assert row["score"] == pytest.approx(alone.scores[task], abs=1e-4)


def test_attention_has_one_weight_per_window_or_the_table_is_empty(made):
    folder, system = made
    table = pd.read_parquet(folder / "predictions" / "attention.parquet")
    assert table.columns.tolist() == ["system", "fold", "partition", "utterance", "task", "weights"]
    if system == "stl":
        assert table.empty
        return
    assert len(table) == 3 * 12
    store = Store(folder / "store")
    for row in table.itertuples():
        assert len(row.weights) == 1 + (len(store.pcm(row.utterance)) - 640) // 160
        assert row.weights.dtype == np.float32
        assert row.weights.sum() == pytest.approx(1.0, abs=1e-5)


def test_provenance_holds_the_training_partitions_majority_class_and_mean_rating(made):
    folder, system = made
    found = json.loads((folder / "predictions" / "provenance.json").read_text())
    assert (found["protocol"], found["system"], found["fold"]) == ("loso5", system, "session4")
    utterances = pd.read_parquet(folder / "validated" / "utterances.parquet")
    own = utterances[utterances["session"].isin([1, 2, 3])]
    for task in TASKS:
        counts = [(own[task] <= 2).sum(), own[task].between(2, 4, inclusive="neither").sum(), (own[task] >= 4).sum()]
        assert found["majority_class"][task] == int(np.argmax(counts))
        assert found["mean_rating"][task] == pytest.approx(own[task].mean())


def test_the_same_model_gives_the_same_bytes(made, tmp_path):
    folder, _ = made
    data = {name: folder / name for name in ("validated", "store", "features")}
    predict.run(PARAMS, model=folder / "model", out=tmp_path / "p", **data)
    for name in ("predictions.parquet", "attention.parquet", "provenance.json"):
        assert (tmp_path / "p" / name).read_bytes() == (folder / "predictions" / name).read_bytes()


def test_a_folder_without_a_model_is_refused_and_nothing_is_written(made, tmp_path):
    folder, _ = made
    data = {name: folder / name for name in ("validated", "store", "features")}
    with pytest.raises(AttuneError, match=r"model\.json: no such file\n  Run `attune train` first"):
        predict.run(PARAMS, model=tmp_path, out=tmp_path / "p", **data)
    assert not (tmp_path / "p").exists()
