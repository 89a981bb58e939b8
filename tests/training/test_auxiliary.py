"""Tasks that help in training and are left behind, and task weights that are learnt."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
from toy_examples import job

from attune.params import Train
from attune.tasks import PAPER, TASKS
from attune.training import loop
from attune.training.auxiliary import AUXILIARIES
from attune.training.auxiliary.base import UNKNOWN, Labels
from attune.training.auxiliary.speaker import Speaker
from attune.training.beside import Beside
from attune.training.weighting import Uncertainty

pytestmark = pytest.mark.slow

LABELS = {
    "category": Labels(np.arange(20) % 3, 3),
    "gender": Labels(np.arange(20) % 2, 2),
    "rater_spread": Labels(np.linspace(-1, 1, 60).reshape(20, 3).astype(np.float32), 3),
    "speaker": Labels(np.arange(20) % 4, 4),
}
ALL = {"task_weighting": "uncertainty", "auxiliary": dict.fromkeys(LABELS, 0.5)}


def helped(labels=LABELS, **settings):
    """A job with everything beside its network."""
    work = job(**({"epochs": 2} | ALL | settings))
    beside = Beside(work.settings, work.network, labels).reset(1)
    training = dataclasses.replace(work.training, auxiliary={name: own.values for name, own in labels.items()})
    return dataclasses.replace(work, beside=beside, training=training)


def test_every_parameter_beside_the_network_is_trained_and_none_is_saved_with_it(tmp_path):
    work = helped()
    before = {name: parameter.clone() for name, parameter in work.beside.named_parameters()}
    trained = loop.train(work, tmp_path / "c")
    assert len(before) == len(TASKS) + 4 * len(LABELS)
    assert {name for name, now in work.beside.named_parameters() if torch.equal(now, before[name])} == set()
    assert trained.weights.keys() == job().network.state_dict().keys()


def test_each_auxiliary_task_reaches_what_all_tasks_share(tmp_path):
    alone = loop.train(job(epochs=1), tmp_path / "alone").weights
    for name, own in LABELS.items():
        work = helped({name: own}, epochs=1, task_weighting="fixed", auxiliary={name: 0.5})
        found = loop.train(work, tmp_path / name).weights
        assert not torch.equal(found["front_end.convolution1.weight"], alone["front_end.convolution1.weight"])


def test_interrupted_it_goes_on_to_the_same_bytes(tmp_path):
    class StopHereError(Exception):
        pass

    def interrupt(progress):
        if progress.epoch == 2:
            raise StopHereError

    whole = loop.train(helped(), tmp_path / "whole")
    with pytest.raises(StopHereError):
        loop.train(helped(), tmp_path / "c", on_batch=interrupt)
    resumed = loop.train(helped(), tmp_path / "c")
    assert all(torch.equal(whole.weights[name], resumed.weights[name]) for name in whole.weights)
    assert whole.history == resumed.history


def test_uncertainty_weighs_as_the_formula_says_and_its_optimum_is_twice_the_loss():
    weighting = Uncertainty(["a", "b"])
    weighting.reset_parameters()
    with torch.no_grad():
        weighting.logarithms["a"].fill_(0.3)
    found = weighting({"a": torch.tensor(6.0), "b": torch.tensor(2.0)}, 4)
    assert found.item() == pytest.approx(np.exp(-0.3) * 6 + 4 * 0.3 / 2 + 2)
    with torch.no_grad():
        weighting.logarithms["a"].fill_(np.log(2 * 6 / 4))
    weighting({"a": torch.tensor(6.0)}, 4).backward()
    assert weighting.logarithms["a"].grad.item() == pytest.approx(0, abs=1e-6)


def test_what_is_shared_gets_the_opposite_of_the_gradient_by_which_the_head_learns_speakers():
    shared = torch.randn(3, 5, 8, generator=torch.Generator().manual_seed(1)).requires_grad_()
    speaker = Speaker(8, 2)
    speaker.reset_parameters()
    frames, labels = torch.tensor([5, 2, 3]), torch.tensor([0, 1, 0])
    parameters = [shared, *speaker.parameters()]
    turned = torch.autograd.grad(speaker.loss(speaker.answers(shared, frames), labels), parameters)
    straight = torch.autograd.grad(speaker.loss(super(Speaker, speaker).answers(shared, frames), labels), parameters)
    torch.testing.assert_close(turned[0], -straight[0])
    torch.testing.assert_close(turned[1:], straight[1:])
    assert straight[0][1, 2:].eq(0).all()  # padding


def table(**columns):
    return pd.DataFrame({"utterance": ["a", "b", "c", "d"], **columns})


def test_labels_are_numbered_and_what_is_unknown_does_not_count():
    found = AUXILIARIES["category"].labels(table(category=["sad", None, "", "glad"]), PAPER)
    assert (found.values.tolist(), found.outputs) == ([1, UNKNOWN, UNKNOWN, 0], 2)
    category = AUXILIARIES["category"](8, 2)
    category.reset_parameters()
    answers, labels = torch.randn(4, 2), torch.from_numpy(found.values)
    known = category.loss(answers[[0, 3]], labels[[0, 3]])
    torch.testing.assert_close(category.loss(answers, labels), known)


def test_a_gender_that_is_not_known_is_none():
    found = AUXILIARIES["gender"].labels(table(gender=["F", "unknown", "M", "Unknown"]), PAPER)
    assert (found.values.tolist(), found.outputs) == ([0, UNKNOWN, 1, UNKNOWN], 2)


def test_a_speaker_of_one_utterance_is_taken_as_unknown():
    some = AUXILIARIES["speaker"].labels(table(speaker=["b", "a", "x", "b"]), PAPER)
    assert some.values.tolist() == [0, UNKNOWN, UNKNOWN, 0]
    assert AUXILIARIES["speaker"].labels(table(speaker=[*"abcd"]), PAPER).outputs == 0


def test_labels_that_differ_are_counted_without_those_that_are_unknown():
    genders = AUXILIARIES["gender"].labels(table(gender=["f", None, "f", ""]), PAPER)
    assert genders.differing == 1
    assert Labels(np.array([[-1.0], [1.0], [np.nan]], np.float32), 1).differing == 2


def test_spreads_are_standardised_and_where_one_rater_judged_they_do_not_count():
    found = AUXILIARIES["rater_spread"].labels(
        table(arousal_spread=[0.0, 1.0, np.nan, 2.0], valence_spread=[np.nan] * 4), PAPER
    )
    assert found.outputs == 1
    assert np.nanmean(found.values) == pytest.approx(0, abs=1e-6)
    assert np.nanstd(found.values) == pytest.approx(1, abs=1e-6)
    spread = AUXILIARIES["rater_spread"](8, 1)
    answers = torch.zeros(4, 1, requires_grad=True)
    loss = spread.loss(answers, torch.from_numpy(found.values))
    assert loss.item() == pytest.approx(1.5)
    loss.backward()
    assert torch.isfinite(answers.grad).all()


def test_spreads_that_are_always_the_same_are_one_label():
    always = pd.DataFrame({"arousal_spread": [0.1] * 50, "valence_spread": [0.3] * 50})
    assert AUXILIARIES["rater_spread"].labels(always, PAPER).differing == 1


@pytest.mark.parametrize(
    ("train", "said"),
    [
        ({"task_weighting": "uncertainty", "task_weights": {"valence": 2.0}}, "train.task_weights: task_weighting"),
        ({"auxiliary": {"age": 1.0}}, "auxiliary.age"),
        ({"auxiliary": {"gender": -1.0}}, "auxiliary.gender"),
        ({"recipe": "paper", "auxiliary": {"gender": 1.0}}, "train.auxiliary"),
    ],
)
def test_what_contradicts_itself_is_named(train, said):
    with pytest.raises(ValueError, match=said):
        Train.model_validate(train)
