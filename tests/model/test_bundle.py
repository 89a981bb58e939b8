"""A model on disk and what it predicts."""

import hashlib
import json

import numpy as np
import pytest
from safetensors.numpy import load_file
from safetensors.numpy import save as save_tensors

from attune.artifacts import records
from attune.errors import AttuneError
from attune.model import bundle
from attune.model.bundle import Description
from attune.model.systems import named
from attune.tasks import TASKS

VALUES = {"arousal": [1.5, 3.0, 4.5], "valence": [1.25, 2.75, 4.25], "dominance": [2.0, 3.0, 4.0]}


def save(folder, system="mtl-att"):
    chosen = named(system)
    description = Description(
        protocol="loso5",
        system=system,
        fold="session1",
        mean=0.001,
        std=0.1,
        class_values=VALUES,
        seed=1,
        best_epoch=dict.fromkeys(chosen.networks, 3),
    )
    states = {name: chosen.build(name, dropout=0.1, seed=1).state_dict() for name in chosen.networks}
    folder.mkdir(parents=True, exist_ok=True)
    bundle.save(folder, description, states)
    return description


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    save(path)
    return path


def noise(*samples):
    return [np.random.default_rng(n).normal(scale=0.1, size=n).astype(np.float32) for n in samples]


def test_a_saved_model_is_the_one_loaded(tmp_path):
    description = save(tmp_path, "stl")
    model = bundle.load(tmp_path)
    assert model.description == description
    assert list(model.networks) == list(TASKS)
    expected = named("stl").build("valence", dropout=0.1, seed=1).state_dict()
    stored = load_file(tmp_path / "model.safetensors")
    for name, tensor in expected.items():
        np.testing.assert_array_equal(stored[f"valence.{name}"], tensor.numpy())


def test_the_description_says_what_the_network_is(folder):
    record = json.loads((folder / "model.json").read_text())
    assert record["tasks"] == ["arousal", "valence", "dominance"]
    assert record["parameters"] == 1_988_761
    assert record["architecture"]["window"] == 640
    assert record["sample_rate"] == 16_000


def test_scores_are_the_probabilities_mean_of_the_classes_ratings(folder):
    for prediction in bundle.load(folder).predict(noise(3000, 1000)):
        for task in TASKS:
            probabilities = prediction.probabilities[task]
            assert probabilities.sum() == pytest.approx(1.0)
            expected = sum(p * v for p, v in zip(probabilities, VALUES[task], strict=True))
            assert prediction.scores[task] == pytest.approx(expected)


def test_attention_has_one_weight_per_window_and_adds_up_to_one(folder):
    for prediction, windows in zip(bundle.load(folder).predict(noise(3000, 100, 639)), (15, 1, 1), strict=True):
        for task in TASKS:
            assert prediction.attention[task].shape == (windows,)
            assert prediction.attention[task].sum() == pytest.approx(1.0, abs=1e-5)


def test_a_model_of_before_attention_was_a_module_still_loads(folder, tmp_path):
    tensors = load_file(folder / "model.safetensors")
    old = save_tensors({name.removesuffix(".vector"): tensor for name, tensor in tensors.items()})
    record = records.read_alone(folder / "model.json", "train")  # without its digest, as it was then
    (tmp_path / "model.safetensors").write_bytes(old)
    (tmp_path / "model.json").write_text(json.dumps(record | {"weights_sha256": hashlib.sha256(old).hexdigest()}))
    now, then = (bundle.load(path).predict(noise(3000))[0] for path in (folder, tmp_path))
    assert now.scores == then.scores


def test_a_system_without_attention_predicts_none(tmp_path):
    save(tmp_path, "mtl")
    assert bundle.load(tmp_path).predict(noise(3000))[0].attention is None


def test_predictions_come_in_the_order_asked_and_do_not_depend_on_each_other(folder):
    model, waveforms = bundle.load(folder), noise(4000, 700, 9000, 2000)
    together = model.predict(waveforms)
    for prediction, waveform in zip(together, waveforms, strict=True):
        alone = model.predict([waveform])[0]
        for task in TASKS:
            np.testing.assert_allclose(prediction.probabilities[task], alone.probabilities[task], atol=1e-5)


def test_no_waveforms_give_no_predictions(folder):
    assert bundle.load(folder).predict([]) == []


@pytest.mark.parametrize(
    ("waveform", "message"),
    [(np.zeros(0, np.float32), "no samples"), (np.array([0.0, np.nan], np.float32), "not finite")],
)
def test_unusable_waveforms_are_named(folder, waveform, message):
    with pytest.raises(AttuneError, match=f"waveform 1: .*{message}"):
        bundle.load(folder).predict([*noise(700), waveform])


def _flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)


def _change_architecture(path):
    record = records.read_alone(path, "train")
    record["architecture"]["hidden"] = 64
    records.write_alone(path, record)


def _change_a_value(path):
    path.write_text(path.read_text().replace('"mean": ', '"mean": 1'))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("protocol", None),
        ("system", ["mtl-att"]),
        ("mean", []),
        ("std", {}),
        ("class_values", None),
        ("class_values", {"arousal": [2.0, 3.0, 4.0]}),
        ("class_values", {task: [2.0] for task in TASKS}),
    ],
)
def test_a_value_of_another_type_is_named_with_the_file_before_anything_is_predicted(tmp_path, name, value):
    save(tmp_path)
    path = tmp_path / "model.json"
    records.write_alone(path, records.read_alone(path, "train") | {name: value})
    with pytest.raises(AttuneError, match=r"model\.json: (.|\n)*attune train"):
        bundle.load(tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"system": "mtl-newer"}, "no system is called 'mtl-newer'"),
        ({"architecture": {**bundle.ARCHITECTURE, "front_end": "newer"}}, "no front end is called 'newer'"),
        ({"architecture": {**bundle.ARCHITECTURE, "objective": "newer"}}, "no objective is called 'newer'"),
    ],
)
def test_a_model_of_another_attune_is_named_with_what_this_one_does_not_know(tmp_path, changed, message):
    save(tmp_path)
    path = tmp_path / "model.json"
    records.write_alone(path, records.read_alone(path, "train") | changed)
    with pytest.raises(AttuneError, match=rf"model\.json: {message}"):
        bundle.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("model.json", lambda path: path.unlink(), "no such file"),
        ("model.json", lambda path: path.write_text("{"), "cannot be read"),
        ("model.json", lambda path: records.write_alone(path, {}), "does not describe a model"),
        ("model.json", _change_a_value, "is damaged"),
        ("model.json", _change_architecture, "another architecture"),
        ("model.safetensors", lambda path: path.unlink(), "no such file"),
        ("model.safetensors", lambda path: path.write_bytes(path.read_bytes()[:1000]), "is damaged"),
        ("model.safetensors", _flip_a_byte, "is damaged"),
    ],
)
def test_a_missing_or_damaged_file_is_named_with_the_remedy(tmp_path, name, damage, message):
    save(tmp_path)
    damage(tmp_path / name)
    with pytest.raises(AttuneError, match=rf"{name}: .*{message}(.|\n)*attune train"):
        bundle.load(tmp_path)
