"""An ONNX file says what the networks say, whatever the length and whoever lies beside."""

from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from registry_samples import voice, write_model

from attune.errors import AttuneError
from attune.model import front_ends, windows
from attune.model.answers import Prediction
from attune.model.form import PAPERS, Form
from attune.served import ensemble, onnx_network
from attune.served import onnx as exporting
from attune.tasks import TASKS, Task

pytestmark = pytest.mark.slow

VALUES = Form("strided", "bidirectional", "values")
LENGTHS = (1600, 640, 16_000, 12_345, 100, 31_999)


@pytest.fixture(scope="module", params=[("mtl-att", PAPERS), ("stl", PAPERS), ("mtl-att", VALUES)])
def exported(request, tmp_path_factory):
    (system, form), folder = request.param, tmp_path_factory.mktemp("exported")
    for number, fold in enumerate(("session1", "session2")[: 2 if request.param == ("mtl-att", PAPERS) else 1]):
        write_model(folder / "folds" / fold, system, fold, seed=number, form=form)
    loaded = ensemble.load(folder / "folds")
    difference = exporting.write(loaded, folder / "model.onnx")
    return loaded, folder / "model.onnx", difference


def waves():
    return [voice(length / 16_000, seed=number) for number, length in enumerate(LENGTHS)]


def run(path, batch, padding):
    longest = max(map(len, batch))
    samples = np.full((len(batch), longest), padding, np.float32)
    for row, wave in zip(samples, batch, strict=True):
        row[: len(wave)] = wave
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    lengths = np.array([len(wave) for wave in batch], np.int64)
    return dict(zip(names, session.run(names, {"samples": samples, "lengths": lengths}), strict=True))


@pytest.mark.parametrize("padding", [0.0, 0.9])
def test_every_utterance_is_answered_as_if_alone(exported, padding):
    loaded, path, _ = exported
    answer = run(path, waves(), padding)
    for row, wave in enumerate(waves()):
        [alone] = loaded.predict([wave])
        for task in TASKS:
            assert answer[task][row] == pytest.approx(alone.scores[task], abs=1e-4)
            np.testing.assert_allclose(answer[f"{task}_probabilities"][row], alone.probabilities[task], atol=1e-4)
            if alone.attention is None:
                assert f"{task}_attention" not in answer
                continue
            weights = answer[f"{task}_attention"][row]
            own = len(alone.attention[task])
            np.testing.assert_allclose(weights[:own], alone.attention[task], atol=1e-4)
            assert not weights[own:].any()


@pytest.mark.parametrize("name", ["paper", "paper-windowed", "strided"])
def test_a_front_end_gives_the_same_in_operations_that_onnx_has(name):
    front_end = front_ends.named(name, 0.0)
    front_end.reset_parameters()
    batch = windows.collate(waves(), 0.0, 0.1)
    found = onnx_network._shared(front_end, *batch)
    for row, frames in enumerate(front_end.frames(batch.windows).tolist()):
        torch.testing.assert_close(found[row, :frames], front_end(*batch)[row, :frames], rtol=1e-4, atol=1e-4)


def test_the_difference_found_is_within_the_tolerance(exported):
    assert 0 < exported[2] < exporting.TOLERANCE


def test_scores_are_compared_as_shares_of_their_scale(tmp_path, monkeypatch):
    even = np.full(3, 1 / 3)
    scored = SimpleNamespace(
        sample_rate=16_000,
        members=(),
        tasks=(Task("stress", knots=(0.0, 250.0, 750.0, 1000.0)),),
        predict=lambda waves: [Prediction({"stress": even}, {"stress": 500.0}, None) for _ in waves],
    )
    outputs = [np.full(4, 500.05), np.tile(even, (4, 1)), np.zeros((4, 1))]
    session = SimpleNamespace(run=lambda *_: outputs)
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *_, **__: session)
    assert exporting.largest_difference(scored, tmp_path) == pytest.approx(5e-5)


def test_the_file_is_whole_valid_and_says_at_what_rate_it_hears(exported):
    model = onnx.load(exported[1], load_external_data=False)
    onnx.checker.check_model(model)
    assert {entry.key: entry.value for entry in model.metadata_props}["attune.sample_rate"] == "16000"
    assert not list(exported[1].parent.glob("*.data"))


def test_networks_that_onnx_cannot_express_are_refused_and_leave_no_file(tmp_path, monkeypatch):
    def failing(*_, **__):
        raise torch.onnx.OnnxExporterError("step 1/3") from RuntimeError("aten.unfold is not supported\nstack")

    write_model(tmp_path / "folds/session1", "stl", "session1", seed=0)
    monkeypatch.setattr(torch.onnx, "export", failing)
    with pytest.raises(AttuneError, match=r"model\.onnx: these networks .* \(aten.unfold is not supported\)"):
        exporting.write(ensemble.load(tmp_path / "folds"), tmp_path / "model.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["folds"]


def test_a_difference_beyond_the_tolerance_leaves_no_file(exported, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "TOLERANCE", 0.0)
    monkeypatch.setattr(exporting, "_export", lambda loaded, path: path.write_bytes(exported[1].read_bytes()))
    with pytest.raises(AttuneError, match="differ by"):
        exporting.write(exported[0], tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
