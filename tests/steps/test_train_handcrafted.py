"""Support vector machines and the network on descriptors go through the same steps as a network of the waveform."""

import needs
import numpy as np
import pandas as pd
import pytest
import toy_partitions

from attune.errors import AttuneError
from attune.features import packed
from attune.features.kinds import OF_SYSTEM
from attune.features.packed import About
from attune.model import bundle
from attune.params import Params
from attune.steps import predict, train
from attune.tasks import TASKS

PARAMS = Params.model_validate({"compute": {"device": "cpu", "threads": 1}, "train": {"epochs": 1, "batch_size": 6}})
COUNTS = {"egemaps-svm": 88, "egemaps-svm-transductive": 88, "lld-rnn": 23}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    toy_partitions.write(folder)
    names = sorted(pd.read_parquet(folder / "validated" / "utterances.parquet")["utterance"])
    random = np.random.default_rng(1)
    for system, count in COUNTS.items():
        place = folder / "features" / system
        place.mkdir(parents=True)
        about = About(OF_SYSTEM[system], "toy", (count,), "<f4", len(names))
        lengths = random.integers(5, 20, len(names)) if count == 23 else [1] * len(names)
        frames = [(name, random.normal(size=(n, count))) for name, n in zip(names, lengths, strict=True)]
        packed.write_part(place, 0, about, frames)
        packed.write_about(place, about)
    return folder


def places(data):
    return {name: data / name for name in ("validated", "store", "features")}


def run(data, out, system="egemaps-svm", **more):
    own = places(data) | {"checkpoints": out / "checkpoints"} | more
    train.run(PARAMS, system=system, fold="session1", out=out / "model", **own)


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


@pytest.mark.parametrize("system", COUNTS)
def test_without_features_training_stops_with_the_step_to_run(data, tmp_path, system):
    with pytest.raises(AttuneError, match="Run `attune features` first"):
        run(data, tmp_path, system, features=tmp_path / "nowhere")


def test_features_of_another_kind_are_refused(data, tmp_path):
    (tmp_path / "egemaps-svm").symlink_to(data / "features" / "lld-rnn")
    with pytest.raises(AttuneError, match="has lld features, and egemaps-svm uses egemaps"):
        run(data, tmp_path, features=tmp_path)


def test_weights_of_another_shape_are_refused(data, tmp_path):
    run(data, tmp_path)
    model = bundle.load(tmp_path / "model")
    states = {task: machine.state() for task, machine in model.machines.items()}
    states["valence"]["weight"] = states["valence"]["weight"][:, :-1]
    bundle.save(tmp_path / "model", model.description, states)
    with pytest.raises(AttuneError, match="other weights than egemaps-svm has for valence"):
        bundle.load(tmp_path / "model")


@pytest.mark.parametrize("system", COUNTS)
def test_it_predicts_every_utterance_from_its_features_without_attention(data, tmp_path, system):
    run(data, tmp_path, system)
    predict.run(PARAMS, model=tmp_path / "model", out=tmp_path / "predicted", **places(data))
    table = pd.read_parquet(tmp_path / "predicted" / "predictions.parquet")
    np.testing.assert_allclose(table[["low", "middle", "high"]].sum(axis=1), 1)
    assert set(table["partition"]) == {"development", "test"}
    assert len(pd.read_parquet(tmp_path / "predicted" / "attention.parquet")) == 0


@pytest.mark.parametrize("system", ["egemaps-svm", "lld-rnn"])
def test_a_recording_is_answered_by_measuring_it_first(data, tmp_path, system):
    needs.package("opensmile")
    run(data, tmp_path, system)
    model, sound = bundle.load(tmp_path / "model"), np.random.default_rng(1).normal(0, 0.1, 8000).astype(np.float32)
    alone, beside = model.predict([sound])[0], model.predict([sound[:4000], sound])[1]
    for task in TASKS:
        np.testing.assert_allclose(alone.probabilities[task], beside.probabilities[task], rtol=1e-5)


def test_the_transductive_one_says_that_it_cannot_answer_to_a_recording(data, tmp_path):
    run(data, tmp_path, "egemaps-svm-transductive")
    with pytest.raises(AttuneError, match=r"all utterances of a speaker(.|\n)*Use egemaps-svm"):
        bundle.load(tmp_path / "model").predict([np.zeros(8000, np.float32)])


def test_a_network_on_descriptors_says_the_same_whatever_is_beside_an_utterance(data, tmp_path):
    run(data, tmp_path, "lld-rnn")
    model, random = bundle.load(tmp_path / "model"), np.random.default_rng(1)
    short, long = random.normal(size=(7, 23)), random.normal(size=(30, 23))
    alone, beside = model.predict_features([short], [1200])[0], model.predict_features([long, short], [5000, 1200])[1]
    for task in TASKS:
        np.testing.assert_allclose(alone.probabilities[task], beside.probabilities[task], rtol=1e-5)
