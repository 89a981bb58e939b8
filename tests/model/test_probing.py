"""Probes against what the network itself answers; gradients against the difference they have to add up to."""

import numpy as np
import pytest
import torch

from attune.attention.ranks import correlations
from attune.model import bundle, systems
from attune.model.bundle import Description, Model
from attune.model.probing import Probe, integrated_gradients, probe, randomised
from attune.tasks import TASKS


def made(system="mtl-att"):
    torch.manual_seed(1)
    built = systems.named(system)
    networks = {name: built.build(name, dropout=0.0, seed=1) for name in built.networks}
    for network in networks.values():
        for name, parameter in network.named_parameters():
            if parameter.ndim == 1 and "attention" in name:
                torch.nn.init.normal_(parameter, std=3.0)
        network.eval()
    description = Description(
        protocol="loso5",
        system=system,
        fold="session1",
        mean=0.0,
        std=0.1,
        class_values={task: [1.5, 3.0, 4.5] for task in TASKS},
        seed=1,
        best_epoch=dict.fromkeys(networks, 1),
    )
    return Model(description, networks, torch.device("cpu"), weights_sha256="")


@pytest.fixture(scope="module")
def model():
    return made()


@pytest.fixture(scope="module")
def waveforms():
    rng = np.random.default_rng(1)
    level = [np.interp(np.arange(n), np.linspace(0, n, 9), rng.uniform(0, 0.3, 9)) for n in (9000, 4000, 9600)]
    return [(one * rng.normal(size=len(one))).astype(np.float32) for one in level]


@pytest.mark.parametrize("system", ["mtl-att", "stl-att"])
def test_probes_are_what_the_model_predicts(system, waveforms):
    model = made(system)
    for found, prediction in zip(probe(model, waveforms), model.predict(waveforms), strict=True):
        for task in TASKS:
            np.testing.assert_allclose(found[task].weights, prediction.attention[task], atol=1e-6)
            np.testing.assert_allclose(found[task].weights @ found[task].evidence, found[task].logits, atol=1e-4)
            odds = np.exp(found[task].logits)
            np.testing.assert_allclose(odds / odds.sum(), prediction.probabilities[task], atol=1e-5)


def test_a_contribution_is_weight_times_evidence_above_the_mean_of_the_classes():
    weights = np.array([0.5, 0.25, 0.25])
    evidence = np.array([[0.0, 0.0, 3.0], [0.0, 3.0, 0.0], [0.0, 0.0, 6.0]])
    one = Probe(weights, evidence, weights @ evidence)
    assert one.predicted == 2
    np.testing.assert_allclose(one.contributions, np.array([0.5 * 2, 0, 0.25 * 4]) / 2)
    against = Probe(weights, np.zeros((3, 3)), np.array([1.0, 0, 0]))
    np.testing.assert_array_equal(against.contributions, weights)


def test_integrated_gradients_add_up_to_what_the_waveform_says_more_than_silence(model, waveforms):
    waveform = waveforms[1][:2000]
    [own], [silent] = probe(model, [waveform]), probe(model, [np.zeros_like(waveform)])
    found = integrated_gradients(model, waveform, 80)
    for task in TASKS:
        answer = own[task].predicted
        difference = own[task].logits[answer] - silent[task].logits[answer]
        assert found[task].sum() == pytest.approx(difference, rel=0.05, abs=0.01)
        assert found[task].shape == waveform.shape


def test_drawing_the_output_anew_leaves_attention_and_drawing_deeper_layers_changes_it(model, waveforms):
    before = probe(model, waveforms)[0]["arousal"]
    kept = {}
    for layer, changed in randomised(model, seed=1):
        after = probe(changed, waveforms)[0]["arousal"]
        kept[layer] = float(correlations(before.weights[None], after.weights[None])[0, 0])
        assert np.abs(after.logits - before.logits).max() > 1e-3
    assert list(kept) == ["output", "attention", "second GRU", "first GRU", "second convolution", "first convolution"]
    assert kept["output"] == pytest.approx(1)
    assert all(abs(value) < 0.95 for layer, value in kept.items() if layer != "output")
    again = probe(model, waveforms)[0]["arousal"]
    np.testing.assert_array_equal(again.weights, before.weights)


def test_a_layer_drawn_anew_keeps_its_values_in_another_order(model):
    before = model.networks["joint"].branch("arousal").output.weight.detach()
    _, changed = next(randomised(model, seed=1))
    after = changed.networks["joint"].branch("arousal").output.weight.detach()
    assert not torch.equal(before, after)
    torch.testing.assert_close(before.flatten().sort()[0], after.flatten().sort()[0])


def test_the_last_layers_of_a_loaded_model_are_its_own(model, tmp_path, waveforms):
    bundle.save(tmp_path, model.description, {name: network.weights() for name, network in model.networks.items()})
    one, other = (probe(m, waveforms)[1]["valence"].evidence for m in (model, bundle.load(tmp_path)))
    np.testing.assert_allclose(one, other)
