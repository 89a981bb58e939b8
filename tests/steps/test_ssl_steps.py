"""`ssl-att` goes through the same steps as a network of the waveform, with a frozen encoder and with a tuned one."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
import tiny_encoders
import torch
import toy_partitions

from attune.errors import AttuneError
from attune.features import encoder, encoder_folder
from attune.features.packed import Packed
from attune.model import bundle
from attune.params import Params
from attune.signal import window_count
from attune.steps import features, predict, train
from attune.waveform.store import Store

pytestmark = pytest.mark.slow

TASKS = ("arousal", "valence", "dominance")


def params(folder, **ssl):
    return Params.model_validate(
        {
            "systems": ["ssl-att"],
            "register": {"system": "ssl-att"},
            "ssl": {"folder": str(folder / "encoder"), **ssl},
            "compute": {"device": "cpu", "threads": 1},
            "train": {"epochs": 1, "batch_size": 6, "learning_rate": 0.01},
        }
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    toy_partitions.write(folder)
    tiny_encoders.write(folder / "encoder", "wavlm")
    return folder


def run(data, out, **ssl):
    """Features, a trained model and its predictions, below `out`."""
    told = params(data, **ssl)
    given = {"validated": data / "validated", "store": data / "store"}
    features.run(told, checkpoints=out / "checkpoints", out=out / "features", **given)
    given |= {"features": out / "features"}
    train.run(told, system="ssl-att", fold="session1", checkpoints=out / "checkpoints", out=out / "model", **given)
    predict.run(told, model=out / "model", out=out / "predicted", **given)
    return out


@pytest.fixture(scope="module")
def frozen(data, tmp_path_factory):
    return run(data, tmp_path_factory.mktemp("frozen"))


@pytest.fixture(scope="module")
def tuned(data, tmp_path_factory):
    return run(data, tmp_path_factory.mktemp("tuned"), tuned=1, rate=1.0)


@pytest.fixture(scope="module")
def adapted(data, tmp_path_factory):
    return run(data, tmp_path_factory.mktemp("adapted"), tuned="lora", rank=2)


@pytest.fixture(params=["frozen", "tuned", "adapted"])
def made(request):
    return request.getfixturevalue(request.param)


def test_a_frozen_encoders_frames_are_computed_once_in_half_precision(data, frozen):
    found, store = Packed(frozen / "features/ssl-att"), Store(data / "store")
    assert (found.about.shape, found.about.type) == ((3, 16), "<f2")
    name = store.index.index[0]
    with torch.no_grad():
        expected = encoder.read(data / "encoder")(torch.from_numpy(store[name].copy()))
    np.testing.assert_allclose(found[name], expected.numpy(), atol=2e-2)


def test_the_digest_of_the_encoder_is_in_the_model(data, made):
    told = json.loads((made / "model/model.json").read_text())["architecture"]
    assert told["encoder_sha256"] == encoder_folder.digest(data / "encoder")


def test_every_utterance_has_predictions_and_attention_over_the_papers_windows(data, made):
    table = pd.read_parquet(made / "predicted/predictions.parquet")
    np.testing.assert_allclose(table[["low", "middle", "high"]].sum(axis=1), 1)
    weights, store = pd.read_parquet(made / "predicted/attention.parquet"), Store(data / "store")
    assert set(weights["task"]) == set(TASKS)
    for row in weights.itertuples():
        assert len(row.weights) == window_count(store.samples(row.utterance))
        assert sum(row.weights) == pytest.approx(1, abs=1e-4)


def test_the_model_has_its_encoder_with_it_and_answers_to_a_recording_as_it_did_to_the_features(data, made):
    model, store = bundle.load(made / "model"), Store(data / "store")
    table = pd.read_parquet(made / "predicted/predictions.parquet").set_index(["utterance", "task"])
    names = table.index.get_level_values(0).unique()[:2]
    for name, said in zip(names, model.predict([store[name] for name in names]), strict=True):
        for task in TASKS:
            expected = table.loc[(name, task), ["low", "middle", "high"]].to_numpy(float)
            np.testing.assert_allclose(said.probabilities[task], expected, atol=1e-4)


def test_the_last_layer_was_trained_further_and_the_first_was_not(data, tuned):
    before = encoder.read(data / "encoder").state_dict()
    after = bundle.load(tuned / "model").encoder.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("model.encoder.layers.1.") for name in changed)


def test_low_ranks_change_every_feed_forward_layer_and_nothing_else_and_are_saved_as_their_sums(data, adapted):
    before = encoder.read(data / "encoder").state_dict()
    after = bundle.load(adapted / "model").encoder.state_dict()
    assert before.keys() == after.keys()
    changed = {name: (after[name] - before[name]) for name in before if not torch.equal(before[name], after[name])}
    assert changed.keys() == {
        f"model.encoder.layers.{layer}.feed_forward.{part}_dense.weight"
        for layer in (0, 1)
        for part in ("intermediate", "output")
    }
    assert all(torch.linalg.matrix_rank(change, atol=1e-6) <= 2 for change in changed.values())


def test_without_peft_low_ranks_are_refused_before_anything_is_computed(data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    given = {"validated": data / "validated", "store": data / "store"}
    with pytest.raises(AttuneError, match=r"ssl\.tuned: low-rank adaptation needs peft(.|\n)*attune-speech\[ssl\]"):
        features.run(params(data, tuned="lora"), checkpoints=tmp_path / "c", out=tmp_path / "features", **given)
    assert not (tmp_path / "features").exists()


def test_a_frozen_encoder_stays_as_it_is(data, frozen):
    before = encoder.read(data / "encoder").state_dict()
    after = bundle.load(frozen / "model").encoder.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_same_inputs_give_the_same_bytes(data, frozen, tmp_path):
    again = run(data, tmp_path)
    for name in ("model.safetensors", "model.json", "history.csv"):
        assert (again / "model" / name).read_bytes() == (frozen / "model" / name).read_bytes()


def test_an_encoder_that_was_changed_after_its_features_were_computed_is_refused(data, frozen, tmp_path):
    import shutil

    shutil.copytree(frozen / "features", tmp_path / "features")
    tiny_encoders.change(tmp_path / "features/ssl-att/encoder", more=1)
    given = {"validated": data / "validated", "store": data / "store", "features": tmp_path / "features"}
    with pytest.raises(AttuneError, match="not the encoder that the features were computed with"):
        train.run(
            params(data),
            system="ssl-att",
            fold="session1",
            checkpoints=tmp_path / "checkpoints",
            out=tmp_path / "model",
            **given,
        )


def test_weights_of_another_shape_are_refused(frozen, tmp_path):
    import shutil

    from attune.model.others import encoded

    model = bundle.load(frozen / "model")
    shutil.copytree(frozen / "model", tmp_path / "model")
    states = {"joint": {"x": torch.zeros(1)}, "encoder": model.encoder.state_dict()}
    told = encoded.architecture(model.encoder.settings, "none", "x")
    bundle.save(tmp_path / "model", model.description, states, told)
    with pytest.raises(AttuneError, match="other weights than ssl-att has"):
        bundle.load(tmp_path / "model")


def test_another_encoder_than_the_one_that_is_pinned_is_refused_before_anything_is_computed(data, tmp_path):
    given = {"validated": data / "validated", "store": data / "store", "checkpoints": tmp_path / "checkpoints"}
    with pytest.raises(AttuneError, match=r"is another encoder(.|\n)*ssl\.sha256"):
        features.run(params(data, sha256="0" * 64), **given, out=tmp_path / "features")
    assert not (tmp_path / "features").exists()
    features.run(params(data, sha256=encoder_folder.digest(data / "encoder")), **given, out=tmp_path / "features")


def test_more_layers_to_train_further_than_the_encoder_has_are_refused_before_anything_is_computed(data, tmp_path):
    given = {"validated": data / "validated", "store": data / "store"}
    with pytest.raises(AttuneError, match=r"ssl\.tuned asks for 99 transformer layers, and the encoder has \d"):
        features.run(params(data, tuned=99), checkpoints=tmp_path / "checkpoints", out=tmp_path / "features", **given)
    assert not (tmp_path / "features").exists()
