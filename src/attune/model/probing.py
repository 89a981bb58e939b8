"""Probe a trained network: the evidence of each window, the attribution of each sample, the effect of random layers."""

import copy
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from attune.model import predicting, windows
from attune.model.bundle import Model
from attune.model.network import Network
from attune.model.windows import Batch
from attune.signal import Waveform, window_count

Array = npt.NDArray[np.float64]


class Probe(NamedTuple):
    """The probe of one task of one utterance.

    `weights` (windows,) are its attention; `evidence` (windows, classes) are the output layer's logits for each
    window's state alone; `logits` (classes,) are the output, which is ``weights @ evidence`` where one set of weights
    pools the states.
    """

    weights: Array
    evidence: Array
    logits: Array

    @property
    def predicted(self) -> int:
        return int(self.logits.argmax())

    @property
    def contributions(self) -> Array:
        """Weight times the evidence for the predicted class above the mean over classes, as shares of 1: (windows,).

        Evidence against the predicted class counts as zero.
        """
        above = self.evidence[:, self.predicted] - self.evidence.mean(axis=1)
        positive = self.weights * np.maximum(above, 0)
        total = positive.sum()
        return positive / total if total > 0 else self.weights


@torch.inference_mode()
def probe(model: Model, waveforms: Sequence[Waveform]) -> list[dict[str, Probe]]:
    """Probe every task of every utterance (samples,), each as if it were alone, with a model that has attention."""
    found: dict[int, dict[str, Probe]] = {}
    for positions in predicting.batches([window_count(len(waveform)) for waveform in waveforms]):
        batch = _batch(model, [waveforms[position] for position in positions])
        probes = [_probe(network, batch) for network in model.networks.values()]
        for row, position in enumerate(positions):
            found[position] = {task: rows[row] for own in probes for task, rows in own.items()}
    return [found[position] for position in range(len(waveforms))]


def _probe(network: Network, batch: Batch) -> dict[str, list[Probe]]:
    found = {}
    states = network.eval().states(network.front_end(batch.waves, batch.windows), batch.windows)
    counts = batch.windows.tolist()
    for task, (logits, weights, _) in network.answers(states, batch.windows).items():
        if weights is None:
            raise ValueError("the network has no attention")
        evidence = network.evidence(task, states[task], batch.windows)
        found[str(task)] = [
            Probe(_numpy(weights[row, :n]), _numpy(evidence[row, :n]), _numpy(logits[row]))
            for row, n in enumerate(counts)
        ]
    return found


def integrated_gradients(model: Model, waveform: Waveform, steps: int) -> dict[str, Array]:
    """Attribute the predicted class' logit to samples, on the path from silence to the waveform (Sundararajan 2017).

    The path is sampled at `steps` midpoints; up to that, attributions sum to the difference between the two logits.

    Returns:
        By task, (samples,); 0 for samples beyond the last whole window.
    """
    batch = _batch(model, [waveform])
    silence = _batch(model, [np.zeros_like(waveform)]).waves
    shares = (torch.arange(steps, device=silence.device) + 0.5) / steps
    together = max(1, predicting.BATCH_SAMPLES // (2 * silence.shape[1]))  # gradients take as much memory again
    found = {}
    for network in model.networks.values():
        with torch.no_grad():
            answers = {task: int(output.logits.argmax()) for task, output in network.eval()(batch).items()}
        sums = {task: torch.zeros_like(batch.waves) for task in network.tasks}
        for some in torch.split(shares, together):
            waves = (silence + some[:, None] * (batch.waves - silence)).requires_grad_()
            outputs = network(Batch(waves, batch.windows.expand(len(some))))
            for task in network.tasks:
                logits = outputs[task].logits[:, answers[task]].sum()
                (gradient,) = torch.autograd.grad(logits, waves, retain_graph=True)
                sums[task] += gradient.sum(0, keepdim=True)
        for task, gradients in sums.items():
            whole = np.zeros(len(waveform))
            attributed = _numpy((batch.waves - silence) * gradients / steps)[0]
            whole[: len(attributed)] = attributed[: len(whole)]
            found[str(task)] = whole
    return found


def randomised(model: Model, seed: int) -> Iterator[tuple[str, Model]]:
    """Yield the model with one layer after the other randomised, cumulatively from the top down.

    A layer is randomised by shuffling its own values, so that their distribution stays the same.
    """
    networks = copy.deepcopy(model.networks)
    generator = torch.Generator().manual_seed(seed)
    for layer in _layers(next(iter(networks.values()))):
        for network in networks.values():
            for parameter in _layer(network, layer):
                order = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
                parameter.data = parameter.data.flatten()[order].view_as(parameter)
        yield layer, model._replace(networks=copy.deepcopy(networks))


_CONVOLUTIONS = {
    "third convolution": "convolution3",
    "second convolution": "convolution2",
    "first convolution": "convolution1",
}


def _layers(network: Network) -> list[str]:
    """Return the names of the layers, from the top down."""
    own = dict(network.front_end.named_children())
    convolutions = [layer for layer, module in _CONVOLUTIONS.items() if module in own]
    return ["output", "attention", "second GRU", "first GRU", *convolutions]


def _layer(network: Network, layer: str) -> Iterator[nn.Parameter]:
    if layer in _CONVOLUTIONS:
        yield from network.front_end.get_submodule(_CONVOLUTIONS[layer]).parameters()
        return
    wanted = {"output": "output.", "attention": "attention", "second GRU": "gru.", "first GRU": "gru."}[layer]
    ending = {"second GRU": "_l1", "first GRU": "_l0"}.get(layer, "")
    for task in network.tasks:
        for name, parameter in network.branch(task).named_parameters():
            if name.startswith(wanted) and name.removesuffix("_reverse").endswith(ending):
                yield parameter


def _batch(model: Model, waveforms: list[Waveform]) -> Batch:
    return windows.collate(waveforms, model.description.mean, model.description.std).to(model.device)


def _numpy(tensor: Tensor) -> Array:
    return tensor.detach().double().cpu().numpy()
