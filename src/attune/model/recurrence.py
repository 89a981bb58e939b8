"""One layer's recurrence for several GRUs at once, faster on a CPU than torch's GRUs one after the other.

torch's GRU differentiates its own operations step by step and accumulates a gradient of the recurrent weights at
every step. Here one step is one product for all branches, its gradient is written out by hand, and the recurrent
weights' gradient is one product at the end.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def from_shared(inputs: Tensor, layer: list[Tensor]) -> Tensor:
    """Return what inputs (batch, windows, features) shared by all GRUs add to the gates, as one product."""
    weight, _, bias, _ = layer
    gates = F.linear(inputs, weight.flatten(0, 1), bias.flatten())
    return gates.view(*inputs.shape[:2], *bias.shape).permute(2, 1, 0, 3)


def from_own(signal: Tensor, layer: list[Tensor]) -> Tensor:
    """Return what each GRU's own inputs (grus, windows, batch, hidden) add to its gates."""
    weight, _, bias, _ = layer
    gates = torch.baddbmm(bias[:, None], signal.flatten(1, 2), weight.transpose(1, 2))
    return gates.view(*signal.shape[:3], -1)


def recur(gates: Tensor, layer: list[Tensor]) -> Tensor:
    """Compute states (grus, windows, batch, hidden) from what inputs add to gates (grus, windows, batch, 3 hidden)."""
    _, weight, _, bias = layer
    states: Tensor = _Recurrence.apply(gates, weight, bias)  # type: ignore[no-untyped-call]
    return states


class _Recurrence(torch.autograd.Function):
    """h' = (1 - z) n + z h with r, z = sigmoid(i + W h + b) and n = tanh(i + r (W h + b)), as nn.GRU defines it.

    Gates are in nn.GRU's order r, z, n along the last axis.
    """

    @staticmethod
    def forward(ctx: Any, gates: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Map the inputs' part of gates (grus, windows, batch, 3 hidden) to states (grus, windows, batch, hidden)."""
        groups, length, batch, width = gates.shape
        hidden = width // 3
        inputs = gates.transpose(0, 1)  # (windows, grus, batch, 3 hidden)
        of_rz, of_n = torch.split(inputs, [2 * hidden, hidden], -1)
        bias_rz, bias_n = torch.split(bias[:, None], [2 * hidden, hidden], -1)
        products = torch.cat([of_rz + bias_rz, bias_n.expand_as(of_n)], -1)  # so far, what is added to them
        opened, recalled = torch.split(products, [2 * hidden, hidden], -1)
        states = gates.new_zeros(length + 1, groups, batch, hidden)
        proposed = torch.empty_like(states[1:])
        across = weight.transpose(1, 2)
        steps = zip(products, opened, *opened.chunk(2, -1), recalled, of_n, proposed, states, states[1:], strict=False)
        for product, both, r, z, recall, own, proposal, before, after in steps:
            product.baddbmm_(before, across)
            both.sigmoid_()
            torch.addcmul(own, r, recall, out=proposal).tanh_()
            torch.lerp(proposal, before, z, out=after)
        ctx.save_for_backward(weight, states, opened, recalled, proposed)
        return states[1:].transpose(0, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        weight, states, opened, recalled, proposed = ctx.saved_tensors
        r, z = opened.chunk(2, -1)
        to_proposal = (1 - z) * (1 - proposed.square())
        factors = torch.stack(
            [to_proposal * recalled * r * (1 - r), (states[:-1] - proposed) * z * (1 - z), to_proposal * r], -2
        )  # a step's state by r and z before the sigmoid, and by n's recurrent part before it is multiplied by r
        of_product = torch.empty_like(factors)  # (windows, grus, batch, 3, hidden)
        of_states = torch.empty_like(proposed)  # (windows, grus, batch, hidden)
        carried = torch.zeros_like(proposed[0])  # (grus, batch, hidden)
        flat = of_product.flatten(-2)
        steps = zip(gradient.unbind(1), of_states, of_states.unsqueeze(-2), factors, of_product, flat, z, strict=True)
        for given, of_state, spread, factor, product, products, kept in reversed(list(steps)):
            torch.add(given, carried, out=of_state)
            torch.mul(spread, factor, out=product)
            carried = (of_state * kept).baddbmm_(products, weight)
        of_gates = of_product.clone()
        of_gates[..., 2, :] = of_states * to_proposal
        summed = of_product.flatten(-2).transpose(0, 1).flatten(1, 2)  # (grus, windows batch, 3 hidden)
        before = states[:-1].transpose(0, 1).flatten(1, 2)  # (grus, windows batch, hidden)
        return of_gates.flatten(-2).transpose(0, 1), summed.transpose(1, 2) @ before, summed.sum(1)
