"""Resampling, held against tones in closed form, SciPy's own polyphase filter and sox."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly
from sounds import by_ffmpeg, riff, shell, tone

from attune.waveform.resampling import HIGHEST, LOWEST, ratio, resampled
from attune.waveform.torchaudio_import import transforms


def to_rate(sound, rate, target=16000, block=1 << 20):
    blocks = [sound[start : start + block] for start in range(0, len(sound), block)]
    return np.concatenate(list(resampled(blocks, rate, target)))


@pytest.mark.parametrize("rate", [4000, 8000, 11025, 22050, 22255, 32000, 44100, 48000, 96000, 384000])
def test_a_tone_keeps_its_shape_at_another_rate(rate):
    made = to_rate(tone(rate, 1000), rate)
    assert len(made) == 16000
    inner = slice(1000, -1000)
    np.testing.assert_allclose(made[inner], tone(16000, 1000)[inner], atol=1e-4)


def test_a_tone_at_a_rate_without_a_small_ratio_is_off_by_as_much_as_the_ratio():
    error = float(abs(ratio(47999, 16000) * 47999 / 16000 - 1))
    made = to_rate(tone(47999, 1000), 47999)
    assert 1e-6 < error < 124e-6
    np.testing.assert_allclose(made[1000:-1000], tone(16000, 1000)[1000:-1000], atol=2 * np.pi * 1000 * error + 1e-4)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_resampling_agrees_with_scipys_own_filter(rate):
    sound = tone(rate, 300) + tone(rate, 1500)
    divisor = math.gcd(rate, 16000)
    inner = slice(1000, -1000)
    expected = resample_poly(sound.astype(float), 16000 // divisor, rate // divisor)
    np.testing.assert_allclose(to_rate(sound, rate)[inner], expected[inner], atol=2e-3)


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 48000])
def test_blocks_come_out_as_torchaudio_makes_the_whole_waveform(rate):
    sound = np.random.default_rng(4).standard_normal(2 * rate + 7).astype(np.float32)
    transforms()  # so that torchaudio can be imported beside a CPU build of torch
    from torchaudio.functional import resample

    whole = resample(
        torch.from_numpy(sound).double(),
        *(rate, 16000),
        lowpass_filter_width=64,
        rolloff=0.9475937167399596,
        resampling_method="sinc_interp_kaiser",
        beta=14.769656459379492,
    )
    np.testing.assert_allclose(to_rate(sound, rate, block=1000), whole.numpy(), atol=1e-7)


def test_resampling_agrees_with_sox(tmp_path):
    noise = np.cumsum(np.random.default_rng(2).standard_normal(11025)) % 2000 - 1000
    pcm = np.convolve(noise, np.hanning(9), "same").astype("<i2")
    (tmp_path / "in.wav").write_bytes(riff(pcm.tobytes(), rate=11025))
    shell("sox in.wav -b 32 out.wav rate -v 16000", tmp_path)
    ours, theirs = to_rate(pcm.astype(np.float32) / 32768, 11025), by_ffmpeg(tmp_path / "out.wav")
    inner = slice(1000, -1000)
    assert np.abs(ours[inner] - theirs[inner]).std() < 0.02 * theirs[inner].std()


def test_what_the_target_rate_cannot_hold_is_filtered_out():
    assert np.abs(to_rate(tone(44100, 9000), 44100)[1000:-1000]).max() < 1e-3


@settings(max_examples=20)
@given(
    samples=st.integers(1, 3000),
    rate=st.sampled_from([4000, 8000, 11025, 44100, 47999, 48000]),
    block=st.integers(1, 4000),
)
def test_the_length_is_the_documented_one_and_blocks_do_not_matter(samples, rate, block):
    sound = np.random.default_rng(samples).standard_normal(samples).astype(np.float32)
    made = to_rate(sound, rate, block=block)
    assert len(made) == math.ceil(samples * ratio(rate, 16000))
    np.testing.assert_array_equal(made, to_rate(sound, rate))


@pytest.mark.parametrize("rate", [22050, 48000])
def test_a_long_sound_made_piece_by_piece_has_no_seams(rate, monkeypatch):
    sound = np.random.default_rng(3).standard_normal(3 * rate).astype(np.float32)
    monkeypatch.setattr("attune.waveform.resampling._UNFOLDED", 1 << 30)
    whole = to_rate(sound, rate)
    monkeypatch.setattr("attune.waveform.resampling._UNFOLDED", 1 << 14)
    np.testing.assert_allclose(to_rate(sound, rate, block=777), whole, atol=1e-6)


@given(rate=st.integers(LOWEST, HIGHEST), target=st.integers(8000, 48000))
def test_any_two_rates_have_a_ratio_within_124_parts_in_a_million(rate, target):
    assert abs(ratio(rate, target) * rate / target - 1) < 124e-6


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 22255, 37800, 44056, 44100, 48000, 50400, 192000, 384000])
def test_rates_that_are_used_for_audio_have_their_exact_ratio(rate):
    assert ratio(rate, 16000) * rate == 16000


def test_no_network_library_is_imported_for_audio_at_the_models_own_rate():
    script = """
import sys, numpy as np
from attune.waveform.audio import listen
listen(np.sin(np.arange(1600, dtype=np.float32)), 16000, 16000)
assert not {"torch", "torchaudio", "scipy"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_same_rate_changes_nothing():
    sound = tone(16000, 50)
    np.testing.assert_array_equal(to_rate(sound, 16000), sound)
