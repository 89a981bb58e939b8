"""The networks of an ensemble, built from operations that ONNX supports."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from attune.errors import AttuneError
from attune.model.branch import Output
from attune.model.bundle import Model, Predictor
from attune.model.convolution import direct
from attune.model.front_ends.paper import POOL, FrontEnd
from attune.model.front_ends.windowed import Windowed
from attune.model.ratings import on_scale
from attune.served.ensemble import Ensemble
from attune.signal import HOP, WINDOW
from attune.tasks import Task


def the_model(member: Predictor) -> Model:
    """Return a member as a model of the waveform.

    Raises:
        AttuneError: its input is not the waveform.
    """
    if not isinstance(member, Model):
        raise AttuneError(
            f"{member.description.system} does not take the waveform itself and cannot be exported to ONNX",
            remedy="Export a version of a system of the waveform; `attune versions` lists them.",
        )
    return member


class Exported(nn.Module):
    """The mean over folds of the networks' outputs, in operations that ONNX supports."""

    def __init__(self, ensemble: Ensemble) -> None:
        super().__init__()
        self.folds = nn.ModuleList(_Fold(the_model(member)) for member in ensemble.members)

    def forward(self, samples: Tensor, lengths: Tensor) -> tuple[Tensor, ...]:
        windows = 1 + (lengths - WINDOW).clamp(min=0) // HOP
        waves = nn.functional.pad(samples, (0, WINDOW))[:, : WINDOW + samples.shape[1] // HOP * HOP]
        ends = torch.minimum(lengths, WINDOW + HOP * (windows - 1))
        inside = torch.arange(waves.shape[1]) < ends[:, None]
        answers = [fold(waves, inside, windows) for fold in self.folds]
        return tuple(torch.stack(same).mean(0) for same in zip(*answers, strict=True))


class _Fold(nn.Module):
    """One fold's networks."""

    def __init__(self, member: Model) -> None:
        super().__init__()
        self.about = member.description
        self.networks = list(member.networks.values())
        self.front_ends = nn.ModuleList(network.front_end for network in self.networks)
        self.branches = nn.ModuleDict({task: n.branch(task) for n in self.networks for task in n.tasks})
        self.recurrent = nn.ModuleDict(
            {task: _Recurrent(n.branch(task).gru) for n in self.networks for task in n.tasks}
        )

    def forward(self, waves: Tensor, inside: Tensor, windows: Tensor) -> list[Tensor]:
        standardised = torch.where(inside, (waves - self.about.mean) / self.about.std, 0.0)
        outputs: dict[str, Output] = {}
        for network in self.networks:
            shared, frames = _shared(network.front_end, standardised, windows), network.front_end.frames(windows)
            states = {task: self.recurrent[task](shared, frames) for task in network.tasks}
            outputs |= network.answers(states, windows)
        values = self.about.class_values
        return [part for task in self.about.tasks for part in _answer(task, outputs[task.name], values.get(task.name))]


def _shared(front_end: nn.Module, waves: Tensor, windows: Tensor) -> Tensor:
    """Compute the front end's output in operations that ONNX supports: it has no unfold of dynamic length."""
    if isinstance(front_end, Windowed):
        cut = _cut(waves[None], HOP)[0]
        return front_end.alone(cut.flatten(0, 1)).flatten(1).view(*cut.shape[:2], -1)
    if isinstance(front_end, FrontEnd):
        return _cut(front_end.convolve(direct, waves, windows), HOP // POOL).permute(1, 2, 0, 3).flatten(2)
    shared: Tensor = front_end(waves, windows)
    return shared


def _cut(signal: Tensor, hop: int) -> Tensor:
    """Cut a signal (channels, batch, time) into overlapping windows (channels, batch, windows, values) by slicing."""
    blocks = signal.view(*signal.shape[:2], -1, hop)
    hops = WINDOW // HOP
    count = blocks.shape[2] - hops + 1
    return torch.cat([blocks[:, :, k : k + count] for k in range(hops)], 3)


class _Recurrent(nn.Module):
    """ONNX's own GRU operator, inserted by hand, since torch's exporter does not emit it."""

    def __init__(self, gru: nn.GRU) -> None:
        super().__init__()
        self.hidden, self.layers, self.directions = gru.hidden_size, gru.num_layers, 1 + gru.bidirectional
        for layer in range(self.layers):
            own = gru.all_weights[layer * self.directions : (layer + 1) * self.directions]
            of_inputs, of_states, bias, state_bias = (
                torch.stack([_reorder(weights) for weights in same]) for same in zip(*own, strict=True)
            )
            self.register_buffer(f"layer{layer}_inputs", of_inputs)
            self.register_buffer(f"layer{layer}_states", of_states)
            self.register_buffer(f"layer{layer}_biases", torch.cat([bias, state_bias], 1))

    def forward(self, inputs: Tensor, frames: Tensor) -> Tensor:
        """Return the outputs (batch, frames, hidden); the backward GRU starts at the last of each input's `frames`."""
        signal = inputs.transpose(0, 1)
        attributes: dict[str, Any] = {"hidden_size": self.hidden, "linear_before_reset": 1}
        lengths: tuple[Tensor, ...] = ()
        if self.directions > 1:
            attributes["direction"], lengths = "bidirectional", (frames.int(),)
        for layer in range(self.layers):
            weights = [self.get_buffer(f"layer{layer}_{name}") for name in ("inputs", "states", "biases")]
            states = torch.onnx.ops.symbolic(
                "GRU",
                [signal, *weights, *lengths],
                attributes,
                dtype=signal.dtype,
                shape=(signal.shape[0], self.directions, signal.shape[1], self.hidden),
            )
            signal = states[:, 0] if self.directions == 1 else states.transpose(1, 2).flatten(2)
        return signal.transpose(0, 1)


def _reorder(weights: Tensor) -> Tensor:
    """Reorder the gates from torch's order (reset, update, new) to ONNX's (update, reset, new)."""
    reset, update, new = weights.detach().chunk(3)
    return torch.cat([update, reset, new])


def _answer(task: Task, output: Output, values: Sequence[float] | None) -> list[Tensor]:
    probabilities = output.logits.softmax(1)
    if output.value is not None and task.knots:
        scores = [on_scale(output.value.clamp(1.0, 5.0), task.knots_inside, task.knots)]
    else:
        scores = [] if values is None else [probabilities @ torch.tensor(values)]
    attention = [] if output.attention is None else [output.attention]
    return [*scores, probabilities, *attention]
