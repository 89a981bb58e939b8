"""One row of a request becomes the waveform that preprocessing would have made of it."""

import base64
import io

import numpy as np
import pytest
import soundfile
from registry_samples import RATE, voice, write_wav

from attune.errors import AttuneError
from attune.served.inputs import waveform
from attune.waveform.audio import decode, to_pcm, to_rate


def encoded(wave, rate=RATE, file_format="WAV"):
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format=file_format, subtype="PCM_16")
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize("file_format", ["WAV", "FLAC"])
def test_audio_path_and_samples_are_the_same_waveform(tmp_path, file_format):
    wave = voice(0.5)
    path = tmp_path / f"voice.{file_format.lower()}"
    soundfile.write(path, wave, RATE, format=file_format, subtype="PCM_16")
    rows = [
        {"audio": encoded(wave, file_format=file_format)},
        {"path": str(path), "audio": None},
        {"samples": wave.tolist(), "rate": RATE, "path": float("nan")},
        {"samples": wave, "rate": float(RATE)},
    ]
    for row in rows:
        np.testing.assert_array_equal(waveform(row, RATE), wave)


def test_stereo_at_44100_hz_goes_the_way_of_preprocessing(tmp_path):
    stereo = np.stack([voice(0.4, 44_100), voice(0.4, 44_100, seed=1)], axis=1)
    path = write_wav(tmp_path / "stereo.wav", stereo, 44_100)
    heard = waveform({"path": str(path)}, RATE)
    packed = to_pcm(to_rate(*decode(path), RATE))
    np.testing.assert_array_equal(heard, packed / np.float32(32768))
    assert len(heard) == pytest.approx(0.4 * RATE, abs=1)


def test_silence_is_audio():
    assert not waveform({"samples": [0.0] * RATE, "rate": RATE}, RATE).any()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, "give one of audio, path and samples, not none of them"),
        ({"audio": "AAAA", "path": "x.wav"}, "not audio and path"),
        ({"audio": "not base64!"}, "audio is not base64"),
        ({"audio": "AAAAAAAA"}, r"cannot be decoded as audio \(Format not recognised\)"),
        ({"path": "/nowhere/at-all.wav"}, "no such audio file"),
        ({"samples": [0.1] * RATE}, "samples need a rate"),
        ({"samples": [0.1] * RATE, "rate": "fast"}, "samples need a rate"),
        ({"samples": [0.1] * RATE, "rate": 0}, "samples need a rate"),
        ({"samples": [0.1] * RATE, "rate": float("inf")}, "samples need a rate"),
        ({"samples": ["a"], "rate": RATE}, "samples must be numbers"),
        ({"samples": [[0.1], [0.2]], "rate": RATE}, "one list of numbers"),
        ({"samples": [0.1, float("nan")] * RATE, "rate": RATE}, "NaN"),
        ({"samples": [3000.0] * RATE, "rate": RATE}, "between -1 and 1"),
        ({"samples": [], "rate": RATE}, "holds no samples"),
        ({"samples": [0.1] * 1599, "rate": RATE}, "at least 0.1 s"),
        ({"samples": np.zeros(3601 * 100, np.float32), "rate": 100}, "at most 3600 s"),
    ],
)
def test_a_row_that_is_no_audio_says_why(row, message):
    with pytest.raises(AttuneError, match=message):
        waveform(row, RATE)


def test_a_file_longer_than_an_hour_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = write_wav(tmp_path / "long.wav", np.zeros(3601 * 100, np.float32), rate=100)
    monkeypatch.setattr("attune.served.inputs.decode", None)
    with pytest.raises(AttuneError, match="3601 s of audio"):
        waveform({"path": str(path)}, RATE)
    with pytest.raises(AttuneError, match="3601 s of audio"):
        waveform({"audio": base64.b64encode(path.read_bytes()).decode()}, RATE)


def test_a_truncated_file_is_refused(tmp_path):
    path = write_wav(tmp_path / "cut.wav", voice(1.0))
    path.write_bytes(path.read_bytes()[:8000])
    with pytest.raises(AttuneError, match="truncated"):
        waveform({"path": str(path)}, RATE)
