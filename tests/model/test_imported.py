"""A published dimensional model answers as its authors' code does, and anything else is refused by name."""

import numpy as np
import pytest
import tiny_published
import torch
from safetensors.torch import load_file, save_file

from attune.errors import AttuneError
from attune.features import encoder_folder
from attune.model import bundle
from attune.model.bundle import Description
from attune.model.others import imported
from attune.tasks import PAPER, Task

WAVES = [np.random.default_rng(n).normal(0, 0.1, n).astype(np.float32) for n in (300, 4000, 16123)]


@pytest.fixture(scope="module", params=["wav2vec2", "wavlm", "hubert"])
def published(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    return folder, *tiny_published.write(folder, family=request.param)


MANY = Task("arousal", tuple("abcdefg"), tuple(range(1, 9)))


def described(tasks=PAPER):
    values = {task.name: task.middles for task in tasks}
    return Description("loso5", "imported", "session1", 0.0, 1.0, values, 1, {}, tasks=tasks)


def loaded(folder, out, tasks=PAPER):
    encoder, head, labels = imported.read(folder, tasks)
    told = imported.architecture(encoder, labels, encoder_folder.digest(folder))
    out.mkdir()
    bundle.save(out, described(tasks), imported.states(encoder, head), told)
    return bundle.load(out)


def literally(model, head, wave):
    """The published recipe: the mean of the last hidden states, dropout off, dense, tanh, output."""
    padded = torch.nn.functional.pad(torch.from_numpy(wave), (0, max(0, 400 - len(wave))))
    with torch.no_grad():
        pooled = model(padded[None]).last_hidden_state.mean(1)
        dense = torch.tanh(pooled @ head["classifier.dense.weight"].T + head["classifier.dense.bias"])
        outputs = dense @ head["classifier.out_proj.weight"].T + head["classifier.out_proj.bias"]
    return dict(zip(tiny_published.LABELS, outputs[0].tolist(), strict=True))


def test_its_answers_are_those_of_the_published_code_on_the_corpus_scale(published, tmp_path):
    folder, model, head = published
    found = loaded(folder, tmp_path / "model").predict(WAVES)
    for wave, prediction in zip(WAVES, found, strict=True):
        for task, output in literally(model, head, wave).items():
            assert prediction.scores[task] == pytest.approx(np.clip(1 + 4 * output, 1, 5), abs=1e-4)
        assert prediction.attention is None


@pytest.mark.parametrize("task", [Task("arousal"), Task("arousal", ("no", "yes"), (0.0, 0.3, 1.0)), MANY])
def test_the_likeliest_class_is_the_one_that_the_rating_belongs_to(task):
    low, high = task.scale
    for rating in np.linspace(low, high, 200):
        found = imported.probabilities(task, float(rating))
        assert found.sum() == pytest.approx(1)
        assert found.argmax() == task.to_class(task.inside([rating]))[0]


def test_only_the_corpus_tasks_are_answered_to(published, tmp_path):
    (prediction,) = loaded(published[0], tmp_path / "model", (Task("valence"),)).predict(WAVES[1:2])
    assert prediction.scores.keys() == {"valence"}


@pytest.fixture
def folder(tmp_path):
    tiny_published.write(tmp_path / "published")
    return tmp_path / "published"


def refused(folder, message, tasks=PAPER):
    with pytest.raises(AttuneError, match=message):
        imported.read(folder, tasks)


def test_a_pickle_is_refused_and_never_opened(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    refused(folder, r"as a pickle, pytorch_model\.bin, which may run any code")


def test_a_folder_without_a_model_is_refused(tmp_path):
    refused(tmp_path / "nowhere", r"there is no config\.json")


def test_a_task_that_it_does_not_predict_is_named(folder):
    refused(folder, "does not predict effort: id2label names arousal, dominance, valence", (*PAPER, Task("effort")))


def test_categories_are_refused(folder):
    refused(folder, "predicts numbers, and valence has categories", (Task("valence", ("a", "b"), None),))


def test_outputs_without_names_are_refused(folder):
    tiny_published.change(folder, id2label={"0": "LABEL_0", "1": "LABEL_1"})
    refused(folder, "does not predict arousal, valence, dominance: id2label names label_0, label_1")


def test_an_encoder_without_a_head_is_refused(folder):
    tensors = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("classifier.")}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    refused(folder, r"has no regression head: there is no classifier\.dense\.bias")


def test_a_head_of_another_shape_is_refused(folder):
    tensors = load_file(folder / "model.safetensors")
    save_file(tensors | {"classifier.out_proj.bias": torch.zeros(5)}, folder / "model.safetensors", {"format": "pt"})
    refused(folder, r"has a head of another shape than its config\.json says")


def test_weights_that_are_not_finite_are_refused(folder):
    tensors = load_file(folder / "model.safetensors")
    tensors["classifier.out_proj.bias"][1] = torch.nan
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    refused(folder, "has weights that are not finite")


def test_another_family_is_refused(folder):
    tiny_published.change(folder, model_type="bert")
    refused(folder, "is of the family 'bert'")
