"""`egemaps-svm` goes through the same steps as a network."""

import numpy as np
import pandas as pd
import pytest
import toy_partitions

from attune.errors import AttuneError
from attune.features import egemaps
from attune.model import bundle
from attune.params import TASKS, Params
from attune.steps import predict, train

PARAMS = Params.model_validate({"compute": {"device": "cpu", "threads": 1}})


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    toy_partitions.write(folder)
    utterances = pd.read_parquet(folder / "validated" / "utterances.parquet")["utterance"]
    random = np.random.default_rng(1)
    features = pd.DataFrame(random.normal(size=(len(utterances), 88)), columns=[f"f{n}" for n in range(88)])
    egemaps.write(folder / "store", features.assign(utterance=utterances))
    return folder


def run(data, out, **more):
    places = {"validated": data / "validated", "store": data / "store", "checkpoints": out / "checkpoints"}
    train.run(PARAMS, system="egemaps-svm", fold="session1", out=out / "model", **(places | more))


def test_the_output_is_a_model_that_loads_with_a_record_for_each_task_and_c(data, tmp_path):
    run(data, tmp_path)
    assert bundle.load(tmp_path / "model").description.system == "egemaps-svm"
    history = pd.read_csv(tmp_path / "model" / "history.csv")
    assert history.groupby("network")["epoch"].apply(list).to_dict() == {task: [1, 2, 3, 4, 5, 6, 7] for task in TASKS}


def test_the_same_inputs_give_the_same_bytes(data, tmp_path):
    run(data, tmp_path / "1")
    run(data, tmp_path / "2")
    for name in ("model.safetensors", "model.json", "history.csv"):
        assert (tmp_path / "1/model" / name).read_bytes() == (tmp_path / "2/model" / name).read_bytes()


def test_a_store_without_features_stops_training_with_the_parameter_to_set(data, tmp_path):
    bare = tmp_path / "store"
    bare.mkdir()
    for path in (data / "store").iterdir():
        if path.name != egemaps.FILE:
            (bare / path.name).write_bytes(path.read_bytes())
    with pytest.raises(AttuneError, match=r"preprocess\.features"):
        run(data, tmp_path, store=bare)


def test_weights_of_another_shape_are_refused(data, tmp_path):
    run(data, tmp_path)
    model = bundle.load(tmp_path / "model")
    states = {task: machine.state() for task, machine in model.machines.items()}
    states["valence"]["weight"] = states["valence"]["weight"][:, :-1]
    from attune.model import handcrafted

    bundle.save(tmp_path / "model", model.description, states, handcrafted.ARCHITECTURE)
    with pytest.raises(AttuneError, match="other weights than egemaps-svm has for valence"):
        bundle.load(tmp_path / "model")


def test_it_predicts_every_utterance_without_attention(data, tmp_path):
    pytest.importorskip("opensmile")
    run(data, tmp_path)
    predict.run(
        PARAMS, model=tmp_path / "model", validated=data / "validated", store=data / "store", out=tmp_path / "predicted"
    )
    table = pd.read_parquet(tmp_path / "predicted" / "predictions.parquet")
    np.testing.assert_allclose(table[["low", "middle", "high"]].sum(axis=1), 1)
    assert set(table["partition"]) == {"development", "test"}
    assert len(pd.read_parquet(tmp_path / "predicted" / "attention.parquet")) == 0
