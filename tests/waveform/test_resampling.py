"""Resampling, held against tones in closed form, SciPy's own polyphase filter and sox."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly
from sounds import by_ffmpeg, riff, shell, tone

from attune.waveform.resampling import HIGHEST, LOWEST, ratio, resampled


def to_rate(sound, rate, target=16000, block=1 << 20):
    blocks = [sound[start : start + block] for start in range(0, len(sound), block)]
    return np.concatenate(list(resampled(blocks, rate, target)))


@pytest.mark.parametrize(
    "rate", [4000, 8000, 11025, 22050, 22255, 32000, 44056, 44100, 44101, 48000, 61999, 96000, 384000]
)
def test_a_tone_keeps_its_shape_at_another_rate(rate):
    made = to_rate(tone(rate, 1000), rate)
    assert len(made) == 16000
    inner = slice(1000, -1000)
    np.testing.assert_allclose(made[inner], tone(16000, 1000)[inner], atol=1e-4)


def test_a_rate_without_a_small_ratio_is_off_by_a_sample_in_a_hundred_thousand_at_most():
    made = to_rate(tone(383999, 1000), 383999)
    np.testing.assert_allclose(made[1000:-1000], tone(16000, 1000)[1000:-1000], atol=2e-2)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_resampling_agrees_with_scipys_own_filter(rate):
    sound = tone(rate, 300) + tone(rate, 1500)
    divisor = math.gcd(rate, 16000)
    inner = slice(1000, -1000)
    expected = resample_poly(sound.astype(float), 16000 // divisor, rate // divisor)
    np.testing.assert_allclose(to_rate(sound, rate)[inner], expected[inner], atol=2e-3)


def test_resampling_agrees_with_sox(tmp_path):
    noise = np.cumsum(np.random.default_rng(2).standard_normal(22255)) % 2000 - 1000
    pcm = np.convolve(noise, np.hanning(9), "same").astype("<i2")
    (tmp_path / "in.wav").write_bytes(riff(pcm.tobytes(), rate=22255))
    shell("sox in.wav -b 32 out.wav rate -v 16000", tmp_path)
    ours, theirs = to_rate(pcm.astype(np.float32) / 32768, 22255), by_ffmpeg(tmp_path / "out.wav")
    inner = slice(1000, 15000)
    assert np.abs(ours[inner] - theirs[inner]).std() < 0.02 * theirs[inner].std()


def test_what_the_target_rate_cannot_hold_is_filtered_out():
    assert np.abs(to_rate(tone(44100, 9000), 44100)[1000:-1000]).max() < 1e-3


@settings(max_examples=20, deadline=None)
@given(samples=st.integers(1, 3000), rate=st.integers(LOWEST, 48000), block=st.integers(1, 4000))
def test_the_length_is_the_documented_one_and_blocks_do_not_matter(samples, rate, block):
    sound = np.random.default_rng(samples).standard_normal(samples).astype(np.float32)
    made = to_rate(sound, rate, block=block)
    assert len(made) == math.ceil(samples * ratio(rate, 16000))
    np.testing.assert_array_equal(made, to_rate(sound, rate))


@pytest.mark.parametrize("rate", [22050, 44101, 96000])
def test_a_long_sound_made_chunk_by_chunk_has_no_seams(rate, monkeypatch):
    sound = np.random.default_rng(3).standard_normal(3 * rate).astype(np.float32)
    whole = to_rate(sound, rate)
    monkeypatch.setattr("attune.waveform.resampling._CHUNK", 5000)
    np.testing.assert_allclose(to_rate(sound, rate, block=777), whole, atol=1e-6)


@given(rate=st.integers(LOWEST, HIGHEST), target=st.integers(8000, 48000))
def test_any_two_rates_have_a_ratio_that_drifts_by_less_than_30_ms_in_an_hour(rate, target):
    assert abs(ratio(rate, target) * rate / target - 1) * 3600 < 0.03
    assert rate > 62000 or ratio(rate, target) * rate == target


def test_the_same_rate_changes_nothing():
    sound = tone(16000, 50)
    np.testing.assert_array_equal(to_rate(sound, 16000), sound)
