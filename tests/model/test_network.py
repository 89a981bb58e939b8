"""Padding never counts, and the network has the paper's size."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.model.convolution.direct import RIGHT
from attune.model.network import Network
from attune.model.systems import SYSTEMS
from attune.model.windows import Batch, collate
from attune.signal import covered
from attune.tasks import TASKS

lengths = st.lists(st.integers(50, 4000), min_size=2, max_size=4)


def network(system: str) -> Network:
    """With biases and attention vectors that are not zero, as after training, so that padding could count."""
    built = SYSTEMS[system].build("joint", dropout=0.0, seed=1).eval()
    for name, parameter in built.named_parameters():
        if "bias" in name or "attention" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    return built


NETWORKS = {system: network(system) for system in ("mtl", "mtl-att")}


def noise(samples: list[int]) -> list[np.ndarray]:
    random = np.random.default_rng(samples)
    return [random.normal(size=n).astype(np.float32) for n in samples]


@pytest.mark.parametrize("system", NETWORKS)
@settings(max_examples=15)
@given(samples=lengths)
def test_an_utterance_alone_gives_what_it_gives_in_any_batch(system, samples):
    waveforms = noise(samples)
    together = NETWORKS[system](collate(waveforms, 0.1, 0.9))
    for row, waveform in enumerate(waveforms):
        alone = NETWORKS[system](collate([waveform], 0.1, 0.9))
        for task in TASKS:
            torch.testing.assert_close(together[task].logits[row], alone[task].logits[0], rtol=1e-5, atol=1e-5)
            if together[task].attention is not None:
                weights = alone[task].attention[0]
                torch.testing.assert_close(together[task].attention[row, : len(weights)], weights, rtol=1e-4, atol=1e-5)
                assert together[task].attention[row, len(weights) :].eq(0).all()


@settings(max_examples=10)
@given(samples=lengths, seed=st.integers(0, 100))
def test_permuting_a_batch_permutes_its_results(samples, seed):
    batch = collate(noise(samples), 0.0, 1.0)
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))
    straight = NETWORKS["mtl-att"](batch)
    permuted = NETWORKS["mtl-att"](Batch(batch.waves[order], batch.windows[order]))
    for task in TASKS:
        torch.testing.assert_close(permuted[task].logits, straight[task].logits[order], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("system", NETWORKS)
@settings(max_examples=5)
@given(samples=lengths)
def test_gradients_of_a_batch_are_the_sum_of_its_utterances_gradients(system, samples):
    waveforms = noise(samples)
    together = gradients(NETWORKS[system], collate(waveforms, 0.0, 1.0))
    alone = [gradients(NETWORKS[system], collate([waveform], 0.0, 1.0)) for waveform in waveforms]
    for name, gradient in together.items():
        summed = torch.stack([own[name] for own in alone]).sum(0)
        torch.testing.assert_close(gradient, summed, rtol=1e-3, atol=1e-4 * float(summed.abs().max()) + 1e-7)


@pytest.mark.parametrize("system", NETWORKS)
def test_no_gradient_reaches_further_than_the_convolutions_own_padding(system):
    batch = collate(noise([700, 3000]), 0.0, 1.0)
    waves = batch.waves.requires_grad_()
    loss(NETWORKS[system](Batch(waves, batch.windows))).backward()
    assert waves.grad[0, : covered(1)].ne(0).any()
    assert waves.grad[0, covered(1) + RIGHT :].eq(0).all()


def loss(outputs):
    return torch.stack([output.logits.square().sum() for output in outputs.values()]).sum()


def gradients(of: Network, batch: Batch) -> dict[str, torch.Tensor]:
    names, parameters = zip(*of.named_parameters(), strict=True)
    return dict(zip(names, torch.autograd.grad(loss(of(batch)), parameters), strict=True))


def parameter_count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_sizes_are_the_papers():
    both = network("mtl-att")
    assert parameter_count(both) == 1_988_761
    assert parameter_count(both.front_end) == 65_680
    assert all(parameter_count(both.branch(task)) == 641_027 for task in TASKS)
    assert parameter_count(network("mtl")) == 1_988_761 - 3 * 128
