"""What is measured on a file agrees with closed forms of the sound that was put into it."""

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from attune.validation.facts import measure

SECOND = np.arange(16000) / 16000
TONE = 0.5 * np.sin(2 * np.pi * 100 * SECOND)


def facts_of(folder: Path, sound: np.ndarray, rate: int = 16000, name: str = "a.wav", subtype: str = "PCM_16"):
    soundfile.write(folder / name, sound, rate, subtype=subtype)
    return measure(folder, name)


def test_a_tone_has_the_peak_level_and_duration_it_was_made_with(tmp_path):
    facts = facts_of(tmp_path, TONE)
    assert (facts.audio, facts.fault) == ("a.wav", "none")
    assert (facts.frames, facts.sample_rate, facts.channels, facts.duration) == (16000, 16000, 1, 1.0)
    assert facts.peak == pytest.approx(0.5, abs=1e-4)
    assert facts.level == pytest.approx(0.5 / math.sqrt(2), abs=1e-4)
    assert facts.dc_offset == pytest.approx(0.0, abs=1e-4)
    assert facts.clipped == 0.0


def test_an_offset_moves_the_mean_and_not_the_level(tmp_path):
    facts = facts_of(tmp_path, TONE + 0.25)
    assert facts.dc_offset == pytest.approx(0.25, abs=1e-4)
    assert facts.level == pytest.approx(0.5 / math.sqrt(2), abs=1e-4)


def test_a_constant_is_silent_whatever_its_offset(tmp_path):
    assert facts_of(tmp_path, np.full(1000, 0.3)).level == 0.0


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_clipping_is_the_share_of_samples_at_full_scale_in_any_channel(tmp_path, subtype):
    sound = np.full((100, 2), 0.5)
    sound[:10, 0] = 1.0
    sound[:5, 1] = -1.0
    assert facts_of(tmp_path, sound, subtype=subtype).clipped == pytest.approx(15 / 200)


def test_channels_and_rate_are_those_of_the_file(tmp_path):
    facts = facts_of(tmp_path, np.stack([TONE, -TONE], axis=1), rate=44100)
    assert (facts.sample_rate, facts.channels, facts.duration) == (44100, 2, 16000 / 44100)
    assert facts.peak == pytest.approx(0.5, abs=1e-4)
    assert facts.level == pytest.approx(0.0, abs=1e-4)  # the channels cancel when mixed
    assert facts.in_phase == pytest.approx(0.0, abs=1e-4)


def test_a_dead_channel_is_counted_and_left_out_of_the_level(tmp_path):
    facts = facts_of(tmp_path, np.stack([TONE, 0 * TONE], axis=1))
    assert facts.dead_channels == 1
    assert facts.level == pytest.approx(0.5 / math.sqrt(2), abs=1e-4)


def test_the_same_samples_have_the_same_content_whatever_holds_them(tmp_path):
    pcm = np.rint(TONE * 32768).astype(np.int16)
    as_wav, as_flac = facts_of(tmp_path, pcm), facts_of(tmp_path, pcm, name="a.flac")
    assert as_wav.content == as_flac.content
    assert facts_of(tmp_path, pcm[::-1]).content != as_wav.content


def test_a_file_at_fault_has_no_numbers(tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    facts = measure(tmp_path, "bad.wav")
    assert facts == ("bad.wav", "unreadable", *[None] * (len(facts) - 2))
    assert measure(tmp_path, "gone.wav").fault == "missing"
