"""Decoding, judging, mixing and quantising, held against the standard library's wave module and closed forms."""

import io
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sounds import NOISE, tone, wav_bytes

from attune.waveform.audio import AudioError, Span, hear, listen, measure
from attune.waveform.decoding.reading import opened
from attune.waveform.quantising import to_pcm

RATE = 16000


def fault_of(source: Path | io.BytesIO) -> str:
    with pytest.raises(AudioError) as caught:
        hear(source, RATE)
    return caught.value.fault


def test_sixteen_bit_samples_come_through_exactly(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(NOISE))
    heard = hear(path, RATE)
    assert heard.facts.rate == 16000
    assert heard.waveform.dtype == np.float32
    np.testing.assert_array_equal(heard.pcm, NOISE)
    np.testing.assert_array_equal(heard.waveform * 32768, NOISE)


def test_a_stream_decodes_as_the_file_does(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(np.stack([NOISE, NOISE // 2], 1), 44100))
    np.testing.assert_array_equal(hear(io.BytesIO(path.read_bytes()), RATE).pcm, hear(path, RATE).pcm)


class OnceOnly(io.RawIOBase):
    """A stream that cannot go back, like standard input."""

    def __init__(self, content):
        self._inner = io.BytesIO(content)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._inner.readinto(buffer)


def test_a_stream_that_cannot_go_back_decodes_as_well():
    content = wav_bytes(np.stack([NOISE, NOISE // 2], 1))
    np.testing.assert_array_equal(hear(OnceOnly(content), RATE).pcm, hear(io.BytesIO(content), RATE).pcm)


def test_channels_that_carry_sound_are_averaged():
    stereo = np.stack([NOISE, np.roll(NOISE, 100)], axis=1)
    np.testing.assert_array_equal(hear(io.BytesIO(wav_bytes(stereo)), RATE).pcm, np.rint(stereo.sum(1) / 2))


@pytest.mark.parametrize(("start", "end"), [(0.05, 0.15), (0.0, 0.1), (0.1, None), (0.2, 0.3)])
def test_a_span_is_what_the_file_cut_there_would_be(start, end):
    stereo = np.stack([NOISE, np.roll(NOISE, 100)], axis=1)
    cut = stereo[round(start * RATE) : None if end is None else round(end * RATE)]
    heard = hear(io.BytesIO(wav_bytes(stereo)), 8000, span=Span(start, end))
    np.testing.assert_array_equal(heard.pcm, hear(io.BytesIO(wav_bytes(cut)), 8000).pcm)
    assert heard.facts.frames == len(cut)


@pytest.mark.parametrize(("start", "end"), [(0.2, 0.301), (0.25, 0.26), (0.25, None), (9, 10)])
def test_a_span_beyond_the_end_is_refused_with_the_length_there_is(start, end):
    with pytest.raises(AudioError, match=r"lasts 0\.25 s") as caught:
        hear(io.BytesIO(wav_bytes(NOISE)), RATE, span=Span(start, end))
    assert caught.value.fault == "beyond-end"


def test_reading_stops_where_it_is_longer_than_is_taken():
    with pytest.raises(AudioError, match=r"at most 0\.1 s") as caught:
        hear(io.BytesIO(wav_bytes(NOISE)), RATE, longest=0.1)
    assert caught.value.fault == "too-long"


def test_samples_that_are_decoded_already_are_heard_as_their_file_is():
    heard = listen(NOISE.astype(np.float32) / 32768, 22050, RATE)
    np.testing.assert_array_equal(heard.pcm, hear(io.BytesIO(wav_bytes(NOISE, 22050)), RATE).pcm)


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
    with opened(buffer) as stream:
        samples = np.concatenate(list(stream.blocks))
    assert (stream.rate, samples.shape) == (rate, sound.shape)
    assert np.abs(samples - sound).max() <= step


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"gone\.wav: no such audio file"):
        hear(tmp_path / "gone.wav", RATE)


@pytest.mark.parametrize("content", [b"not audio at all", b"RIFF\x00\x00\x00\x00WAVE"])
@pytest.mark.parametrize("name", ["a.wav", "a.raw", "._a.wav"])
def test_what_is_not_audio_is_unreadable_and_named(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AudioError, match=name) as caught:
        hear(path, RATE)
    assert caught.value.fault == "unreadable"


def test_a_header_without_samples_is_empty():
    assert fault_of(io.BytesIO(wav_bytes(NOISE[:0]))) == "empty"


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
        hear(path, RATE)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_samples_that_are_not_finite_are_refused(wrong):
    sound = tone(16000, 100)
    sound[77] = wrong
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, 16000, format="WAV", subtype="FLOAT")
    buffer.seek(0)
    assert fault_of(buffer) == "not-finite"


@settings(max_examples=300)
@given(place=st.integers(0, 43), value=st.binary(min_size=1, max_size=6), cut=st.integers(0, 200))
@example(place=0, value=b"fLaC", cut=0)
def test_a_damaged_header_gives_finite_samples_or_an_audio_error(place, value, cut):
    damaged = bytearray(wav_bytes(NOISE[:100]))
    damaged[place : place + len(value)] = value
    try:
        heard = hear(io.BytesIO(bytes(damaged[: len(damaged) - cut])), RATE)
    except AudioError:
        return
    assert heard.pcm.ndim == 1
    assert 4000 <= heard.facts.rate <= 384000
    assert np.isfinite(heard.facts.level)


def test_every_sixteen_bit_value_survives_quantising():
    every = np.arange(-32768, 32768)
    np.testing.assert_array_equal(to_pcm((every / 32768).astype(np.float32)), every)


def test_quantising_clips_at_full_scale_and_rounds_halves_to_even():
    steps = np.array([40000, 32767.6, -40000, 0.5, 1.5, 2.5, -0.5, 0.4])
    expected = [32767, 32767, -32768, 0, 2, 2, 0, 0]
    np.testing.assert_array_equal(to_pcm((steps / 32768).astype(np.float32)), expected)


def test_a_long_file_needs_memory_for_what_is_kept_and_not_for_the_file(tmp_path):
    path = tmp_path / "long.flac"
    sound = np.tile(np.stack([NOISE, NOISE // 2], 1), (1000, 1))
    soundfile.write(path, sound, 44100)
    tracemalloc.start()
    try:
        measure(path)
        measuring = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        kept = hear(path, RATE).pcm.nbytes
        hearing = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    whole = 4 * sound.size  # bytes, as float32
    assert measuring < whole / 2
    assert hearing < 4 * kept + whole / 2
