"""The short way for WAV files of 16 bits hears what the long way does, and is taken where nothing is odd alone."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sounds import NOISE, chunk, riff

from attune.waveform.audio import AudioError, hear, measure
from attune.waveform.decoding import plain
from attune.waveform.decoding.reading import opened
from attune.waveform.decoding.sources import InMemory
from attune.waveform.exact import exact_sums
from attune.waveform.tally import Tally

BYTES = NOISE.tobytes()


@pytest.mark.parametrize("channels", [1, 2])
def test_both_ways_give_the_samples_that_soundfile_reads(channels):
    content = riff(BYTES, channels=channels, after=chunk(b"LIST", b"INFOabc"))
    expected, _ = soundfile.read(io.BytesIO(content), dtype="int16", always_2d=True)
    with opened(io.BytesIO(content)) as stream:
        np.testing.assert_array_equal(np.concatenate(list(stream.steps)), expected)
    with opened(io.BytesIO(content)) as stream:
        np.testing.assert_array_equal(np.concatenate(list(stream.blocks)), expected / np.float32(32768))


@pytest.mark.parametrize(
    "samples", [NOISE, NOISE - 3, np.full(100, -32768, "<i2"), np.array([32767, 1], "<i2"), np.zeros(9, "<i2")]
)
def test_whole_numbers_are_counted_as_the_floats_that_they_stand_for(samples):
    whole, floats = Tally(1), Tally(1)
    for part in np.array_split(samples, 3):
        whole.add(part[:, None])
        floats.add(part[:, None] / np.float32(32768))
    assert whole.facts(16000) == floats.facts(16000)


ODD = {
    "a second form": riff(BYTES)[:36] + riff(BYTES)[12:],
    "more samples than stated": riff(BYTES, size=100),
    "fewer samples than stated": riff(BYTES, size=len(BYTES) + 2),
    "an odd number of bytes": riff(BYTES + b"\1"),
    "samples in two parts": riff(BYTES, after=chunk(b"data", BYTES)),
    "something behind": riff(BYTES, after=b"\0\0\0"),
    "no samples": riff(BYTES)[:36],
    "no rate": riff(BYTES, rate=0),
    "big numbers first": b"RIFX" + riff(BYTES)[4:],
    "half a chunk": riff(BYTES, after=b"LIS"),
    "half a form": riff(BYTES)[:30],
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_goes_the_long_way(name):
    assert plain.find(io.BytesIO(riff(BYTES)), len(riff(BYTES))) is not None
    assert plain.find(io.BytesIO(ODD[name]), len(ODD[name])) is None


def test_a_file_that_shrinks_while_it_is_read_is_truncated(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(riff(np.tile(NOISE, 100).tobytes()))
    with opened(path) as stream, pytest.raises(AudioError, match="became shorter while it was read"):
        for _ in stream.blocks:
            path.write_bytes(riff(BYTES))


def test_what_is_measured_and_what_is_heard_are_the_same_sound(tmp_path):
    (tmp_path / "a.wav").write_bytes(riff(BYTES))
    heard, measured = hear(tmp_path / "a.wav", 16000), measure(tmp_path / "a.wav")
    np.testing.assert_array_equal(heard.pcm, NOISE)
    assert heard.facts._replace(content=None) == measured._replace(content=None)
    assert measured.content == measure(io.BytesIO(riff(BYTES))).content


@pytest.mark.parametrize("name", ["plain", "another rate", "two channels", *ODD])
def test_a_file_in_memory_is_heard_as_the_one_on_disk(tmp_path, name):
    more = {"plain": riff(BYTES), "another rate": riff(BYTES, rate=8000), "two channels": riff(BYTES, channels=2)}
    content = {**more, **ODD}[name]
    (tmp_path / "a.wav").write_bytes(content)
    found = [_heard(tmp_path / "a.wav"), _heard(InMemory(content, str(tmp_path / "a.wav")))]
    assert found[0] == found[1]


def _heard(source: Path | InMemory) -> tuple[object, ...] | str:
    try:
        heard = hear(source, 16000)
    except AudioError as error:
        return f"{error.fault}: {error}"
    assert heard.sums in (None, exact_sums(heard.pcm))
    return heard.pcm.tobytes(), heard.facts
