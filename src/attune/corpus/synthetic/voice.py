"""A source-filter voice: glottal pulses and noise, shaped by a vocal tract that moves.

The filters are applied frame by frame in the short-time Fourier domain, which makes a second of speech cost a few
milliseconds.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 16000
HOP = 128
FRAME_RATE = RATE / HOP
_WINDOW, _FFT = 512, 1024
_HERTZ = np.fft.rfftfreq(_FFT, 1 / RATE)
_OCTAVES = np.log2(np.maximum(_HERTZ, 60.0) / 500.0)
_BANDWIDTHS = np.array([70.0, 90.0, 130.0, 200.0, 280.0])
_OPEN = 0.6
"""Share of a cycle during which the glottis is open."""


class Tracks(NamedTuple):
    """What the voice does, one row for every `HOP` samples."""

    f0: Array
    """Hz."""
    voice: Array
    """Amplitude of the glottal pulses."""
    breath: Array
    """Amplitude of the noise of air through the glottis."""
    noise: Array
    """Amplitude of noise made in the mouth."""
    noise_centre: Array
    """Hz."""
    formants: Array
    """Hz, (frames, 5)."""
    tilt: Array
    """dB per octave on the pulses, around 500 Hz."""
    chest: Array
    """dB on the pulses below 350 Hz."""
    roughness: Array
    """Relative spread of length (jitter) and ten times as much of amplitude (shimmer) from pulse to pulse."""


def synthesise(tracks: Tracks, rng: np.random.Generator) -> Array:
    """Sound of `HOP` samples per frame at 16 kHz, (frames * HOP,)."""
    samples = len(tracks.f0) * HOP
    pulses = _spectra(_pulses(tracks, rng)) * _tract(tracks.formants) * _colour(tracks)
    hiss = _spectra(rng.standard_normal(samples))
    breath = hiss * _band(np.array([[4500.0]]), 2200.0) * (tracks.breath * tracks.voice)[:, None]
    mouth = hiss * _band(tracks.noise_centre[:, None], 1500.0) * tracks.noise[:, None]
    return _overlap_add(pulses + breath + mouth, samples)


def _pulses(tracks: Tracks, rng: np.random.Generator) -> Array:
    """The glottal flow's derivative: a smooth opening, an abrupt closure, rest."""
    f0 = _per_sample(tracks.f0)
    cycles = np.cumsum(f0) / RATE
    wobble = rng.standard_normal((2, int(cycles[-1]) + 2)).clip(-2.5, 2.5)
    roughness = _per_sample(tracks.roughness)
    place = cycles.astype(np.int64)
    phase = np.cumsum(f0 * (1 + roughness * wobble[0, place])) / RATE % 1.0
    opening = phase / _OPEN
    flow = np.where(opening < 1.0, opening * (2.0 - 3.0 * opening), 0.0)
    return flow * (1 + 10 * roughness * wobble[1, place]) * _per_sample(tracks.voice)


def _tract(formants: Array) -> NDArray[np.complex128]:
    """The vocal tract's transfer function, a resonance for each formant, (frames, bins)."""
    centre = formants[:, :, None] ** 2
    response = centre / (centre - _HERTZ**2 + 1j * _HERTZ * _BANDWIDTHS[:, None])
    return response.prod(axis=1)


def _colour(tracks: Tracks) -> Array:
    chest = tracks.chest[:, None] / (1 + (_HERTZ / 350.0) ** 4)
    return _gain(tracks.tilt[:, None] * _OCTAVES + chest)


def _band(centre: Array, width: float) -> Array:
    return np.exp(-0.5 * ((_HERTZ - centre) / width) ** 2)


def _gain(decibels: Array) -> Array:
    return 10.0 ** (decibels / 20.0)


def _spectra(signal: Array) -> NDArray[np.complex128]:
    """Windowed spectra, one per frame, centred on the frame, (frames, bins)."""
    padded = np.pad(signal, (_WINDOW // 2, _WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[: len(signal) : HOP]
    return np.fft.rfft(frames * np.hanning(_WINDOW + 1)[:-1], _FFT)


def _overlap_add(spectra: NDArray[np.complex128], samples: int) -> Array:
    frames = np.fft.irfft(spectra, _FFT).reshape(len(spectra), _FFT // HOP, HOP)
    out = np.zeros((len(spectra) + _FFT // HOP, HOP))
    for part in range(_FFT // HOP):
        out[part : part + len(spectra)] += frames[:, part]
    overlaps = _WINDOW / HOP / 2
    return out.reshape(-1)[_WINDOW // 2 :][:samples] / overlaps


def _per_sample(track: Array) -> Array:
    positions = np.arange(len(track) * HOP) / HOP
    return np.interp(positions, np.arange(len(track)), track)
