"""What the sound is decides whether it may be used, and in training as in scoring."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sounds import tone

from attune.corpus.contract import About
from attune.params import Validate
from attune.validation.facts import AudioFacts, measure
from attune.validation.rules import rules
from attune.waveform import judgement
from attune.waveform.audio import AudioError, hear

RATE = 16000
VOICE = 0.2 * tone(RATE, 200) * (1 + tone(RATE, 3))
HISS = 1e-5 * np.random.default_rng(4).standard_normal(RATE)
OTHER = np.random.default_rng(5).standard_normal(RATE) * 0.1
SPIKE = VOICE.copy()
SPIKE[100] = 1e30


def only(channels: int, which: int) -> np.ndarray:
    sound = np.zeros((RATE, channels))
    sound[:, which] = VOICE
    return sound


REFUSED = {
    "silence": (np.zeros(RATE), "silent"),
    "hiss": (HISS, "silent"),
    "a constant": (np.full(RATE, 0.5), "silent"),
    "float samples on the scale of integers": (VOICE * 32768, "off-scale"),
    "a single wild sample": (SPIKE, "off-scale"),
    "a channel and its opposite": (np.stack([VOICE, -VOICE], 1), "out-of-phase"),
    "nearly opposite channels": (np.stack([VOICE, -0.9 * VOICE], 1), "out-of-phase"),
    "not a number": (np.where(np.arange(RATE) == 7, np.nan, VOICE), "not-finite"),
}
WARNED = {
    "speech": (VOICE, []),
    "stereo": (np.stack([VOICE, VOICE], 1), []),
    "two speakers, a channel each": (np.stack([VOICE, OTHER], 1), []),
    "overdriven": (np.clip(VOICE * 5, -1, 1), ["clipped"]),
    "float speech above full scale": (VOICE * 3.5, ["clipped"]),
    "far below speech": (VOICE / 400, ["quiet"]),
    "an offset": (VOICE + 0.05, ["dc-offset"]),
    "a silent right channel": (only(2, 0), ["dead-channel"]),
    "a right channel of hiss": (np.stack([VOICE, HISS], 1), ["dead-channel"]),
    "5.1 with its centre alone": (only(6, 2), ["dead-channel"]),
}


def written(sound: np.ndarray) -> io.BytesIO:
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, RATE, format="WAV", subtype="FLOAT")
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize("name", REFUSED)
def test_a_signal_that_is_no_speech_is_refused_by_name_with_a_remedy(name):
    sound, fault = REFUSED[name]
    with pytest.raises(AudioError) as caught:
        hear(written(sound), RATE)
    assert caught.value.fault == fault
    assert fault == "not-finite" or caught.value.remedy


@pytest.mark.parametrize("name", WARNED)
def test_a_doubtful_signal_is_heard_and_its_doubt_named(name):
    sound, names = WARNED[name]
    assert hear(written(sound), RATE).warnings == names


@pytest.mark.parametrize("name", ["a silent right channel", "a right channel of hiss", "5.1 with its centre alone"])
def test_a_dead_channel_changes_nothing_of_what_is_heard(name):
    np.testing.assert_array_equal(hear(written(WARNED[name][0]), RATE).pcm, hear(written(VOICE), RATE).pcm)


@pytest.mark.parametrize("name", {**REFUSED, **WARNED})
def test_training_refuses_just_what_scoring_refuses_and_reports_what_it_warns_of(name, tmp_path):
    sound, _ = {**REFUSED, **WARNED}[name]
    (tmp_path / "a.wav").write_bytes(written(sound).getvalue())
    facts = measure(tmp_path, "a.wav")
    broken = {rule.name for rule in rules(Validate(), About(kind="table", name="a table")) if _breaks(facts, rule)}
    refused = broken & {"decodable", "not-silent", "on-scale", "in-phase"}
    assert bool(refused) == (name in REFUSED)
    if name in WARNED:
        told = {"clipped": "clipping", "quiet": "audible", "dc-offset": "dc-offset", "dead-channel": "live-channels"}
        assert broken & set(told.values()) == {told[warning] for warning in WARNED[name][1]}


def _breaks(facts: AudioFacts, rule) -> bool:
    """By hand, without Great Expectations: only rules about one fact are asked."""
    (column, *others) = rule.test.columns
    if others or column not in AudioFacts._fields or (value := getattr(facts, column)) is None:
        return False
    allowed, limits = rule.test.arguments.get("value_set"), rule.test.arguments
    if allowed is not None:
        return value not in allowed
    if "min_value" not in limits:
        return False
    low, high = limits["min_value"], limits["max_value"]
    return (low is not None and value < low) or (high is not None and value > high)


def test_the_docs_list_every_fault_and_every_warning():
    text = (Path(__file__).parents[2] / "docs/audio.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE))
    assert {rule.name for rule in judgement.REFUSALS} | {rule.name for rule in judgement.REMARKS} <= named
