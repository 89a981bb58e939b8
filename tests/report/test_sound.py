import io
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attune.report.sound import flac, outline

SAMPLES = arrays(np.int16, st.integers(1, 300))


def test_flac_gives_back_every_sample_at_the_same_rate():
    pcm = np.random.default_rng(1).integers(-32768, 32768, 5000).astype(np.int16)
    decoded, rate = soundfile.read(io.BytesIO(flac(pcm, 16000)), dtype="int16")
    assert rate == 16000
    assert np.array_equal(decoded, pcm)


def test_flac_is_the_same_bytes_every_time():
    pcm = (1000 * np.sin(np.arange(3000) / 9)).astype(np.int16)
    assert flac(pcm, 16000) == flac(pcm, 16000)


@given(SAMPLES, st.integers(1, 50))
def test_the_outline_spans_each_part_of_the_waveform(pcm, bins):
    low, high = outline(pcm, bins)
    edges = np.linspace(0, len(pcm), min(bins, len(pcm)) + 1).astype(int)
    parts = [pcm[a:b].astype(float) for a, b in pairwise(edges)]
    loudest = max(np.abs(pcm.astype(float)).max(), 1)
    assert low == [round(100 * part.min() / loudest) for part in parts]
    assert high == [round(100 * part.max() / loudest) for part in parts]


@pytest.mark.parametrize("pcm", [np.zeros(10, np.int16), np.array([-32768, 32767], np.int16)])
def test_silence_and_full_scale_stay_within_bounds(pcm):
    low, high = outline(pcm)
    assert min(low) >= -100
    assert max(high) <= 100
