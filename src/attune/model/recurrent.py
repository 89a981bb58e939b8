"""Run the GRUs of all branches together, in one direction or both, with nn.GRU's weights.

On a CPU this uses our own products (`attune.model.recurrence`), on CUDA cuDNN's GRU.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from attune.model.recurrence import from_own, from_shared, recur

Layer = list[Tensor]
"""Stacked over all GRUs: the weights of inputs and of states, then the biases of both."""


def run(grus: Sequence[nn.GRU], inputs: Tensor, windows: Tensor) -> list[Tensor]:
    """Return the outputs of several GRUs of the same shape over the same inputs.

    Args:
        grus: batch_first, any number of layers, all in one direction or all in both.
        inputs: (batch, windows, features).
        windows: number of windows of each utterance (batch,); the backward direction starts at the last of them.

    Returns:
        One (batch, windows, hidden) per GRU, twice as wide if bidirectional.
    """
    both = grus[0].bidirectional
    if inputs.is_cuda:
        return [_packed(gru, inputs, windows) if both else gru(inputs)[0] for gru in grus]
    first, *later = _layers(grus)
    states = _layer([from_shared(inputs, one) for one in first], first, windows)
    for layer in later:
        states = _layer([from_own(states, one) for one in layer], layer, windows)
    return list(states.transpose(1, 2))


def _layers(grus: Sequence[nn.GRU]) -> Iterator[list[Layer]]:
    """Yield the weights of each direction, layer by layer."""
    directions = 2 if grus[0].bidirectional else 1
    each = [[torch.stack(same) for same in zip(*own, strict=True)] for own in zip(*_weights(grus), strict=True)]
    for begin in range(0, len(each), directions):
        yield each[begin : begin + directions]


def _weights(grus: Sequence[nn.GRU]) -> list[list[list[nn.Parameter]]]:
    return [gru.all_weights for gru in grus]


def _layer(gates: list[Tensor], weights: list[Layer], windows: Tensor) -> Tensor:
    """Return one layer's states (grus, windows, batch, hidden), the backward ones after the forward ones."""
    forward = recur(gates[0], weights[0])
    if len(gates) == 1:
        return forward
    backward = _turned(recur(_turned(gates[1], windows), weights[1]), windows)
    return torch.cat([forward, backward], -1)


def _turned(signal: Tensor, windows: Tensor) -> Tensor:
    """Reverse each utterance's own windows in a signal (grus, windows, batch, values)."""
    places = torch.arange(signal.shape[1])[:, None]
    turned = torch.where(places < windows, windows - 1 - places, places)  # (windows, batch)
    return signal.gather(1, turned[None, :, :, None].expand_as(signal))


def _packed(gru: nn.GRU, inputs: Tensor, windows: Tensor) -> Tensor:
    packed = pack_padded_sequence(inputs, windows.cpu(), batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(gru(packed)[0], batch_first=True, total_length=inputs.shape[1])[0]
