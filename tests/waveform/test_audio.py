"""Decoding, resampling and quantising, held against the standard library's wave module, SciPy and closed forms."""

import io
import math
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from attune.errors import AttuneError
from attune.waveform.audio import AudioError, decode, decode_channels, to_pcm, to_rate

NOISE = np.random.default_rng(1).integers(-32768, 32768, 4000).astype("<i2")


def wav_bytes(pcm: np.ndarray, rate: int = 16000) -> bytes:
    """A 16-bit WAV file of `pcm`, (samples,) or (samples, channels), written by the standard library."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1 if pcm.ndim == 1 else pcm.shape[1], 2, rate, 0, "NONE", ""))
        file.writeframes(pcm.astype("<i2").tobytes())
    return buffer.getvalue()


def tone(rate: int, hertz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate).astype(np.float32)


def fault_of(source: Path | io.BytesIO) -> str:
    with pytest.raises(AudioError) as caught:
        decode(source)
    return caught.value.fault


def test_sixteen_bit_samples_come_through_exactly(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(NOISE))
    waveform, rate = decode(path)
    assert rate == 16000
    assert waveform.dtype == np.float32
    np.testing.assert_array_equal(waveform * 32768, NOISE)


def test_a_stream_decodes_as_the_file_does(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(NOISE))
    np.testing.assert_array_equal(decode(io.BytesIO(path.read_bytes()))[0], decode(path)[0])


def test_channels_are_averaged():
    stereo = np.stack([np.full(10, 8192), np.full(10, -4096)], axis=1)
    waveform, _ = decode(io.BytesIO(wav_bytes(stereo)))
    np.testing.assert_array_equal(waveform, np.full(10, 2048 / 32768, np.float32))


@pytest.mark.parametrize(
    ("container", "coding", "rate", "channels", "step"),
    [
        ("WAV", "PCM_24", 48000, 1, 2**-23),
        ("WAVEX", "PCM_16", 44100, 2, 2**-15),
        ("WAV", "PCM_U8", 8000, 1, 2**-7),
        ("WAV", "FLOAT", 16000, 1, 2**-23),
        ("FLAC", "PCM_16", 44100, 2, 2**-15),
        ("FLAC", "PCM_24", 22050, 1, 2**-23),
    ],
)
def test_other_codings_keep_the_sound(container, coding, rate, channels, step):
    sound = 0.5 * np.stack([tone(rate, 440)] * channels, axis=1)
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, rate, format=container, subtype=coding)
    buffer.seek(0)
    samples, read_rate = decode_channels(buffer)
    assert (read_rate, samples.shape) == (rate, sound.shape)
    assert np.abs(samples - sound).max() <= step


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"gone\.wav: no such audio file"):
        decode(tmp_path / "gone.wav")


@pytest.mark.parametrize("content", [b"", b"not audio at all", b"RIFF\x00\x00\x00\x00WAVE"])
@pytest.mark.parametrize("name", ["a.wav", "a.raw", "._a.wav"])
def test_what_is_not_audio_is_unreadable_and_named(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AudioError, match=name) as caught:
        decode(path)
    assert caught.value.fault == "unreadable"


def test_a_header_without_samples_is_empty():
    assert fault_of(io.BytesIO(wav_bytes(NOISE[:0]))) == "empty"


@settings(deadline=None)
@given(kept=st.integers(0, 2 * len(NOISE) - 1))
def test_a_wav_cut_anywhere_in_its_samples_is_truncated(kept):
    whole = wav_bytes(NOISE)
    assert fault_of(io.BytesIO(whole[: len(whole) - 2 * len(NOISE) + kept])) == "truncated"


@pytest.mark.parametrize("container", ["AIFF", "AU", "FLAC"])
def test_other_containers_cut_in_half_are_truncated(container):
    buffer = io.BytesIO()
    soundfile.write(buffer, NOISE, 16000, format=container, subtype="PCM_16")
    whole = buffer.getvalue()
    assert fault_of(io.BytesIO(whole[: len(whole) // 2])) == "truncated"


def test_a_truncated_file_is_named_with_what_is_missing(tmp_path):
    path = tmp_path / "cut.wav"
    path.write_bytes(wav_bytes(NOISE)[:1044])
    with pytest.raises(AudioError, match=r"cut\.wav: is truncated: 1000 bytes of samples where .* promises 8000"):
        decode(path)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFF000])
def test_a_wav_from_a_pipe_has_no_length_to_promise(size):
    streamed = bytearray(wav_bytes(NOISE))
    streamed[40:44] = struct.pack("<I", size)
    assert len(decode(io.BytesIO(bytes(streamed)))[0]) == len(NOISE)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_samples_that_are_not_finite_are_refused(wrong):
    sound = tone(16000, 100)
    sound[77] = wrong
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, 16000, format="WAV", subtype="FLOAT")
    buffer.seek(0)
    assert fault_of(buffer) == "not-finite"


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 43), value=st.binary(min_size=1, max_size=6), cut=st.integers(0, 200))
def test_a_damaged_header_gives_finite_samples_or_an_audio_error(place, value, cut):
    damaged = bytearray(wav_bytes(NOISE[:100]))
    damaged[place : place + len(value)] = value
    try:
        waveform, rate = decode(io.BytesIO(bytes(damaged[: len(damaged) - cut])))
    except AudioError:
        return
    assert waveform.ndim == 1
    assert rate > 0
    assert np.isfinite(waveform).all()


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 44100, 48000, 96000])
def test_a_tone_keeps_its_shape_at_another_rate(rate):
    resampled = to_rate(tone(rate, 1000), rate, 16000)
    assert len(resampled) == 16000
    inner = slice(1000, -1000)
    np.testing.assert_allclose(resampled[inner], tone(16000, 1000)[inner], atol=1e-4)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_resampling_agrees_with_scipy(rate):
    sound = tone(rate, 300) + tone(rate, 1500)
    divisor = math.gcd(rate, 16000)
    inner = slice(1000, -1000)
    expected = resample_poly(sound.astype(float), 16000 // divisor, rate // divisor)
    np.testing.assert_allclose(to_rate(sound, rate, 16000)[inner], expected[inner], atol=2e-3)


def test_what_the_target_rate_cannot_hold_is_filtered_out():
    assert np.abs(to_rate(tone(44100, 9000), 44100, 16000)[1000:-1000]).max() < 1e-3


@settings(max_examples=30, deadline=None)  # the first call imports torch
@given(samples=st.integers(1, 3000), rate=st.sampled_from([8000, 22050, 44100, 48000]))
def test_resampling_gives_the_documented_length(samples, rate):
    assert len(to_rate(np.ones(samples, np.float32), rate, 16000)) == math.ceil(samples * 16000 / rate)


def test_the_same_rate_changes_nothing():
    sound = tone(16000, 50)
    assert to_rate(sound, 16000, 16000) is sound


@pytest.mark.parametrize("rate", [1, 999, 15999, 44099, 2**31 - 1])
def test_a_rate_that_would_fill_the_memory_is_refused(rate):
    with pytest.raises(AttuneError, match=f"audio at {rate} Hz cannot be resampled"):
        to_rate(np.ones(10, np.float32), rate, 16000)


def test_every_sixteen_bit_value_survives_quantising():
    every = np.arange(-32768, 32768)
    np.testing.assert_array_equal(to_pcm((every / 32768).astype(np.float32)), every)


def test_quantising_clips_at_full_scale_and_rounds_halves_to_even():
    steps = np.array([40000, 32767.6, -40000, 0.5, 1.5, 2.5, -0.5, 0.4])
    expected = [32767, 32767, -32768, 0, 2, 2, 0, 0]
    np.testing.assert_array_equal(to_pcm((steps / 32768).astype(np.float32)), expected)
