"""One row of a request becomes the waveform that preprocessing would have made of it."""

import base64
import io
from urllib.parse import quote

import numpy as np
import pytest
import soundfile
from registry_samples import RATE, voice, write_wav

from attune.errors import AttuneError
from attune.served.inputs import waveform
from attune.waveform.audio import hear


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
    np.testing.assert_array_equal(heard, hear(path, RATE).pcm / np.float32(32768))
    assert len(heard) == pytest.approx(0.4 * RATE, abs=1)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\n".join(text[start : start + 76] for start in range(0, len(text), 76)) + "\n",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.translate(str.maketrans("+/", "-_")),
        lambda text: text.rstrip("="),
        lambda text: f"data:audio/wav;base64,{text}",
        lambda text: f"\n DATA:audio/wav;BASE64, {text}",
        lambda text: f"data:;base64,{quote(text, safe='')}",
        lambda text: f"data:audio/wav;codecs=1;base64,{text.translate(str.maketrans('+/', '-_'))}",
    ],
)
def test_base64_is_read_however_it_is_written(change):
    wave = voice(0.5)
    np.testing.assert_array_equal(waveform({"audio": change(encoded(wave))}, RATE), wave)


@pytest.mark.parametrize("text", ["data:audio/wav,abc", "data:audio/wav;base64", "AAA!", "A", 7, b"AAAA"])
def test_what_is_no_base64_is_said_to_be_none(text):
    with pytest.raises(AttuneError, match=r"audio is (not base64|a data URL without)"):
        waveform({"audio": text}, RATE)


def test_a_row_may_want_a_part_of_its_file():
    wave = voice(1.0)
    part = waveform({"audio": encoded(wave), "start": 0.25, "end": 0.75}, RATE)
    np.testing.assert_array_equal(part, wave[RATE // 4 : 3 * RATE // 4])
    np.testing.assert_array_equal(waveform({"audio": encoded(wave), "start": None, "end": float("nan")}, RATE), wave)


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 2), (1, 1), (2, 1), (float("inf"), None), ("soon", None), (10**400, None)]
)
def test_a_part_that_can_not_be_is_refused(start, end):
    with pytest.raises(AttuneError, match="start"):
        waveform({"audio": encoded(voice(1.0)), "start": start, "end": end}, RATE)


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
        ({"samples": [[0.1], [0.1, 0.2]], "rate": RATE}, "samples must be numbers"),
        ({"samples": [0.1] * RATE, "rate": RATE, "end": 0.5}, "start and end are for files, not for samples"),
        ({"samples": [0.1, float("nan")] * RATE, "rate": RATE}, "NaN"),
        ({"samples": [3000.0] * RATE, "rate": RATE}, "between -1 and 1"),
        ({"samples": [], "rate": RATE}, "contains no samples"),
        ({"samples": [0.1] * 1599, "rate": RATE}, "at least 0.1 s"),
        ({"samples": np.zeros(3601 * 4000, np.float32), "rate": 4000}, "at most 3600 s"),
        ({"samples": [0.0] * RATE, "rate": RATE}, "is silent"),
        ({"samples": [0.1] * RATE, "rate": RATE}, "is a constant 0.1, no sound"),
        ({"samples": [0.1, -0.1] * RATE, "rate": 100}, "is sampled at 100 Hz"),
    ],
)
def test_a_row_that_is_no_audio_says_why(row, message):
    with pytest.raises(AttuneError, match=message):
        waveform(row, RATE)


def test_the_folder_that_a_server_reads_is_named_even_if_it_is_the_current_one(tmp_path, monkeypatch):
    (tmp_path / "voices").mkdir()
    monkeypatch.chdir(tmp_path / "voices")
    monkeypatch.setenv("_MLFLOW_IS_IN_SERVING_ENVIRONMENT", "true")
    monkeypatch.setenv("ATTUNE_PATHS", ".")
    with pytest.raises(AttuneError, match="reads only paths below voices"):
        waveform({"path": "../a.wav"}, RATE)


def test_a_file_longer_than_is_taken_is_refused(tmp_path):
    path = write_wav(tmp_path / "long.wav", voice(2.1))
    for row in ({"path": str(path)}, {"audio": base64.b64encode(path.read_bytes()).decode()}):
        with pytest.raises(AttuneError, match=r"at most 2 s are accepted at once\n  Ask for parts of it"):
            waveform(row, RATE, longest=2.0)


def test_a_part_far_into_a_long_wav_is_read_whatever_precedes_it(tmp_path):
    wave = np.stack([voice(4.0, 48_000)] * 2, axis=1)
    path = write_wav(tmp_path / "long.wav", wave, 48_000)
    part = waveform({"path": str(path), "start": 3.0, "end": 4.0}, RATE, longest=2.0)
    assert len(part) == RATE


def test_a_truncated_file_is_refused(tmp_path):
    path = write_wav(tmp_path / "cut.wav", voice(1.0))
    path.write_bytes(path.read_bytes()[:8000])
    with pytest.raises(AttuneError, match="truncated"):
        waveform({"path": str(path)}, RATE)
