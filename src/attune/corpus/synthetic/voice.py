"""A source-filter voice: glottal pulses and noise, shaped by a moving vocal tract.

The filters are applied frame by frame to short-time spectra: a second of speech takes a few milliseconds.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attune.corpus.synthetic.spectra import HERTZ, HOP, overlap_add, spectra
from attune.signal import SAMPLE_RATE as RATE

Array = NDArray[np.float64]

_OCTAVES = np.log2(np.maximum(HERTZ, 60.0) / 500.0)
_BANDWIDTHS = np.array([70.0, 90.0, 130.0, 200.0, 280.0])
_OPEN = 0.6
"""Share of a cycle during which the glottis is open."""


class Tracks(NamedTuple):
    """The voice's parameters over time, one row per `HOP` samples."""

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
    smile: Array
    """dB on the pulses around 1500 Hz, an octave to either side."""
    chest: Array
    """dB on the pulses below 350 Hz."""
    roughness: Array
    """Relative spread of pulse length (jitter); that of amplitude (shimmer) is ten times as large."""


def synthesise(tracks: Tracks, rng: np.random.Generator) -> Array:
    """Return the sound at 16 kHz, `HOP` samples per frame, (frames * HOP,)."""
    samples = len(tracks.f0) * HOP
    hiss = spectra(rng.standard_normal(samples))
    pulses = spectra(_pulses(tracks, rng)) * _tract(tracks.formants) * _colour(tracks)
    breath = hiss * _band(np.array([[4500.0]]), 2200.0) * (tracks.breath * tracks.voice)[:, None]
    mouth = hiss * _band(tracks.noise_centre[:, None], 1500.0) * tracks.noise[:, None]
    return overlap_add(pulses + breath + mouth, samples)


def _pulses(tracks: Tracks, rng: np.random.Generator) -> Array:
    """Return the derivative of the glottal flow: a smooth opening, an abrupt closure, rest."""
    f0 = _per_sample(tracks.f0)
    cycles = np.cumsum(f0) / RATE
    wobble = rng.standard_normal((int(cycles[-1]) + 2, 2)).clip(-2.5, 2.5)
    roughness = _per_sample(tracks.roughness)
    place = cycles.astype(np.int64)
    phase = np.cumsum(f0 * (1 + roughness * wobble[place, 0])) / RATE % 1.0
    opening = phase / _OPEN
    flow = np.where(opening < 1.0, opening * (2.0 - 3.0 * opening), 0.0)
    return flow * (1 + 10 * roughness * wobble[place, 1]) * _per_sample(tracks.voice)


def _tract(formants: Array) -> NDArray[np.complex128]:
    """Return the vocal tract's transfer function, one resonance per formant, (frames, bins)."""
    response = np.ones((len(formants), len(HERTZ)), dtype=np.complex128)
    for centre, bandwidth in zip(formants.T[:, :, None] ** 2, _BANDWIDTHS, strict=True):  # in turn, to save memory
        response *= centre / (centre - HERTZ**2 + 1j * HERTZ * bandwidth)
    return response


def _colour(tracks: Tracks) -> Array:
    chest = tracks.chest[:, None] / (1 + (HERTZ / 350.0) ** 4)
    smile = tracks.smile[:, None] * np.exp(-0.5 * (_OCTAVES - np.log2(3.0)) ** 2 / 0.7**2)
    return _gain(tracks.tilt[:, None] * _OCTAVES + smile + chest)


def _band(centre: Array, width: float) -> Array:
    return np.exp(-0.5 * ((HERTZ - centre) / width) ** 2)


def _gain(decibels: Array) -> Array:
    return 10.0 ** (decibels / 20.0)


def _per_sample(track: Array) -> Array:
    positions = np.arange(len(track) * HOP) / HOP
    return np.interp(positions, np.arange(len(track)), track)
