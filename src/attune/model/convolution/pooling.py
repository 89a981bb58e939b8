"""What surrounds the products of `attune.model.convolution.spectral`, with gradients written out by hand.

torch differentiates each operation separately, with masks of truth values, which on a CPU takes as long as the
products. Here a step is one function whose masks are numbers. Of equal values, the first gets the gradient, as in
torch's max_pool1d.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

_relu_gradient = torch.ops.aten.threshold_backward


def strongest_of_pairs(products: Tensor, bias: Tensor, inside: Tensor) -> Tensor:
    """Pool by 2, add the bias, rectify, and multiply by `inside` (batch, time).

    Args:
        products: (channels, batch * frames, outputs), a frame's even outputs before its odd ones.

    Returns:
        (channels, batch, time), in the order of time.
    """
    strongest: Tensor = _Pairs.apply(products, bias, inside)  # type: ignore[no-untyped-call]
    return strongest


def strongest_of_channels(convolved: Tensor, bias: Tensor, pool: int) -> Tensor:
    """Add the bias, pool each `pool` neighbouring channels, rectify: (channels, ...) to (channels / pool, ...)."""
    strongest: Tensor = _Channels.apply(convolved, bias, pool)  # type: ignore[no-untyped-call]
    return strongest


def overlapping(signal: Tensor, before: int, block: int, points: int) -> Tensor:
    """Cut (rows, time) into (rows * blocks, points), one every `block`, the first `before` zeros ahead of the signal.

    Time is a multiple of `block`, and `points` is at most two of them.
    """
    cut: Tensor = _Overlapping.apply(signal, before, block, points)  # type: ignore[no-untyped-call]
    return cut


class _Pairs(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, products: Tensor, bias: Tensor, inside: Tensor) -> Tensor:
        even, odd = products.chunk(2, -1)
        strongest = torch.maximum(even, odd).view(len(products), *inside.shape)
        strongest.add_(bias[:, None, None]).relu_().mul_(inside)
        ctx.save_for_backward(even.clone(memory_format=torch.contiguous_format).ge_(odd), strongest)
        return strongest

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        is_even, strongest = ctx.saved_tensors
        gradient = _relu_gradient(gradient.contiguous(), strongest, 0.0)
        of_products = gradient.new_empty(*is_even.shape[:2], 2 * is_even.shape[2])
        even, odd = of_products.chunk(2, -1)
        torch.mul(gradient.view_as(is_even), is_even, out=even)
        torch.sub(gradient.view_as(is_even), even, out=odd)
        return of_products, gradient.sum((1, 2)), None


class _Channels(torch.autograd.Function):
    """Goes through the channels one by one, because a group's maximum stays in the cache."""

    @staticmethod
    def forward(ctx: Any, convolved: Tensor, bias: Tensor, pool: int) -> Tensor:
        biased = _biased(convolved, bias, pool)
        strongest = next(biased)
        for channel in biased:
            torch.maximum(strongest, channel, out=strongest)
        ctx.pool = pool
        ctx.save_for_backward(convolved, bias, strongest)
        return strongest.relu()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        convolved, bias, strongest = ctx.saved_tensors
        left = _relu_gradient(gradient.contiguous(), strongest, 0.0)
        of_convolved = torch.empty_like(convolved)
        grouped = of_convolved.view(-1, ctx.pool, *convolved.shape[1:])
        for place, channel in enumerate(_biased(convolved, bias, ctx.pool)):
            torch.mul(channel.eq_(strongest), left, out=grouped[:, place])
            left.sub_(grouped[:, place])
        return of_convolved, of_convolved.flatten(1).sum(1), None


def _biased(convolved: Tensor, bias: Tensor, pool: int) -> Iterator[Tensor]:
    """Yield each place's channel of all groups, with its bias: new tensors (channels / pool, ...)."""
    grouped, biases = convolved.view(-1, pool, *convolved.shape[1:]), bias.view(-1, pool)
    for place in range(pool):
        yield grouped[:, place] + biases[:, place].view(-1, *[1] * (convolved.dim() - 1))


class _Overlapping(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, signal: Tensor, before: int, block: int, points: int) -> Tensor:
        rows, time = signal.shape
        ctx.form = rows, time, before, block
        padded = signal.new_zeros(rows, time + block)
        padded[:, before : before + time] = signal
        return padded.unfold(1, points, block).reshape(-1, points)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        rows, time, before, block = ctx.form
        cut = gradient.view(rows, time // block, -1)
        whole = gradient.new_zeros(rows, time // block + 1, block)
        whole[:, :-1] = cut[..., :block]
        whole[:, 1:, : cut.shape[2] - block] += cut[..., block:]
        return whole.view(rows, -1)[:, before : before + time], None, None, None
