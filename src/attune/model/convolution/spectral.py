"""The two convolutions as matrix products, three times as fast on a CPU as torch's own (benchmarks/front_end.py).

Signals are (channels, batch, time): with the channels outermost, every product below reads and writes whole rows,
and so does pooling over channels.

The first convolution has one input channel: a block of outputs is a frame of the waveform times a Toeplitz matrix.
The second has 40 and uses overlap-save, in blocks of one hop. A kernel of 40 over blocks of 80 needs spectra of 119
points, which are so short that two matrix products with cosines and sines beat an FFT and leave everything in the
order that the next product needs. Gradients come from autograd and are products too.
"""

import math
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from attune.model.convolution.direct import LEFT, RIGHT
from attune.model.convolution.pooling import overlapping, strongest_of_channels, strongest_of_pairs

FRAME = 32  # outputs of the first convolution per frame; divides a hop
BLOCK = 80  # outputs of the second convolution per spectrum: one hop, after pooling by 2
POINTS = 120  # of a block of input; one more than a kernel of 40 needs, because rows of 120 values multiply faster


def first(waves: Tensor, weight: Tensor, bias: Tensor, inside: Tensor) -> Tensor:
    """Convolve (batch, samples) with (channels, 1, 40), max-pool by 2 and rectify: (channels, batch, samples / 2).

    The number of samples is a multiple of a hop. The result is multiplied by `inside` (batch, samples / 2).
    """
    kernel = weight.shape[-1]
    frames = F.pad(waves, (LEFT, RIGHT)).unfold(1, FRAME + kernel - 1, FRAME).reshape(-1, FRAME + kernel - 1)
    shifted = [F.pad(weight[:, 0], (s, FRAME - 1 - s)) for s in (*range(0, FRAME, 2), *range(1, FRAME, 2))]
    toeplitz = torch.stack(shifted, -1)  # (channels, frame, outputs), even outputs first
    return strongest_of_pairs(torch.matmul(frames, toeplitz), bias, inside)


def second(signal: Tensor, weight: Tensor, bias: Tensor, pool: int) -> Tensor:
    """Convolve (channels, batch, time) with (out, channels, 40), max-pool by `pool` channels and rectify.

    Time is a multiple of a hop. Returns (out / pool, batch, time).
    """
    channels, batch, time = signal.shape
    out = weight.shape[0]
    forward, inverse = _transform(POINTS - 1, signal.dtype)
    bins = len(forward) // 2

    blocks = overlapping(signal.flatten(0, 1), LEFT, BLOCK, POINTS)  # (channels batch blocks, points)
    spectra = (forward @ blocks.T).view(bins, 2 * channels, -1)  # (bins, 2 channels, batch blocks)
    mixed = torch.bmm(_mixing(weight, forward), spectra)  # (bins, 2 out, batch blocks)
    convolved = mixed.view(2 * bins, -1).T @ inverse[:, :BLOCK]  # (out batch blocks, BLOCK)
    return strongest_of_channels(convolved.view(out, batch, time), bias, pool)


def _mixing(weight: Tensor, forward: Tensor) -> Tensor:
    """Return the real matrix (2 out, 2 channels) per bin that multiplies by the kernel's conjugate spectrum."""
    out, channels, kernel = weight.shape
    spectrum = (weight.reshape(-1, kernel) @ forward[:, :kernel].T).view(out, channels, -1, 2)
    real, imaginary = spectrum.permute(3, 2, 0, 1)
    return torch.cat([torch.cat([real, imaginary], 2), torch.cat([-imaginary, real], 2)], 1)


@cache
@torch.inference_mode(False)  # cached tensors are used in training too
def _transform(points: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return the discrete Fourier transform of an odd number of real points, and its inverse.

    Both are (points + 1, points + 1); rows are the real and imaginary part of each bin in turn, the last column is 0.
    """
    bins = torch.arange(points // 2 + 1, dtype=torch.float64)[:, None]
    angle = 2 * math.pi / points * bins * torch.arange(points, dtype=torch.float64)
    forward = torch.stack([angle.cos(), -angle.sin()], 1)
    share = torch.full((len(bins), 1, 1), 2 / points, dtype=torch.float64)
    share[0] = 1 / points
    both = forward.view(-1, points), (forward * share).view(-1, points)
    return F.pad(both[0], (0, 1)).to(dtype), F.pad(both[1], (0, 1)).to(dtype)
