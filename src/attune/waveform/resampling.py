"""Resampling from any rate to any other with torchaudio's windowed sinc, block by block.

The Kaiser window is the one that torchaudio's documentation recommends for best quality: 64 zero crossings on each
side, roll-off 0.9476, beta 14.77. Filters and sums are in double precision, so that the same sound gives the same
int16 samples on any machine.
"""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from attune.signal import Waveform

LOWEST, HIGHEST = 4_000, 384_000
"""Hz; the range of input rates that are resampled."""

_CROSSINGS, _ROLLOFF, _BETA = 64, 0.9475937167399596, 14.769656459379492
_UNFOLDED = 1 << 18  # values that a convolution copies at once; more do not fit in the processor's cache
_LARGEST_KERNEL = 1 << 24  # values, 128 MB; 44.1 kHz to 16 kHz needs 130 thousand


def ratio(rate: int, target: int) -> Fraction:
    """Return the output samples per input sample: exact, or the nearest ratio whose filters fit in memory.

    To 16 kHz, all rates used for audio are exact, including 22255 and 44056 Hz. Others are off by at most 124 parts per
    million (16002 Hz), half of them by less than 0.07.
    """
    exact = Fraction(target, rate)
    if _kernel(exact) <= _LARGEST_KERNEL:
        return exact
    share = float(exact)
    ends = 2 * (_CROSSINGS / _ROLLOFF * max(share, 1.0) + share)  # of a kernel, over `down`
    largest = (math.sqrt(ends**2 + 4 * share * _LARGEST_KERNEL) - ends) / (2 * share)
    return exact.limit_denominator(max(int(largest), 1))


def resampled(blocks: Iterable[Waveform], rate: int, target: int) -> Iterator[Waveform]:
    """Yield blocks of one waveform at another rate: ceil(samples * ratio) samples in total, whatever the block sizes.

    A waveform is resampled in the same pieces however it is cut into blocks, so the bytes are the same too.

    Args:
        blocks: float32, shape (samples,); beyond its ends the waveform is zero.
        rate, target: Hz.
    """
    share = ratio(rate, target)
    if share == 1:
        yield from blocks
        return
    up, down = share.numerator, share.denominator
    context = math.ceil(_width(share) / down) * down
    chunk = max(_UNFOLDED // (down + 2 * _width(share)), 1) * down
    kept, before = np.empty(0, np.float32), 0
    for block in blocks:
        kept = np.concatenate([kept, block])
        while len(kept) >= before + chunk + context:
            yield _sinc(kept[: before + chunk + context], up, down)[before // down * up :][: chunk // down * up]
            kept = kept[max(before + chunk - context, 0) :]
            before = min(before + chunk, context)
    if len(kept) > before:
        yield _sinc(kept, up, down)[before // down * up :]


def _sinc(samples: Waveform, up: int, down: int) -> Waveform:
    import torch

    with torch.inference_mode():
        made: Waveform = _resampler(up, down)(torch.from_numpy(samples.astype(np.float64))).float().numpy()
    return made


@lru_cache(maxsize=2)
def _resampler(up: int, down: int) -> Any:
    """Return `torchaudio.functional.resample` with its kernel cached."""
    import torch

    from attune.waveform.torchaudio_import import transforms

    return transforms().Resample(
        down,
        up,
        resampling_method="sinc_interp_kaiser",
        lowpass_filter_width=_CROSSINGS,
        rolloff=_ROLLOFF,
        beta=_BETA,
        dtype=torch.float64,
    )


def _kernel(share: Fraction) -> int:
    """Return the size of torchaudio's kernel: a filter for each of the `up` samples made of `down` samples."""
    return share.numerator * (share.denominator + 2 * _width(share))


def _width(share: Fraction) -> int:
    """Return the input samples on each side that an output sample depends on, as torchaudio counts them."""
    up, down = share.numerator, share.denominator
    return math.ceil(_CROSSINGS * down / (min(up, down) * _ROLLOFF))
