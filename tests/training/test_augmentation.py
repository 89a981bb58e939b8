"""Augmentation changes what it says it changes, by as much as it says, and draws anew every epoch from the seed."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from attune.params import Augment, Train
from attune.signal import SAMPLE_RATE
from attune.training import augmentation
from attune.training.augmentation import level, noise, room, speed
from attune.training.examples import Examples

SECONDS = np.arange(SAMPLE_RATE) / SAMPLE_RATE
TONE = (0.1 * np.sin(2 * np.pi * 440 * SECONDS)).astype(np.float32)
WAVES = {"a": TONE, "b": TONE[:9001]}
ALL = Augment(level=6.0, noise=1.0, speed=0.1, room=1.0)


def examples():
    classes = {"arousal": np.array([0, 1])}
    return Examples(tuple(WAVES), tuple(map(len, WAVES.values())), classes, WAVES.__getitem__)


def heard(augment, epoch=1, seed=1):
    return augmentation.of_epoch(examples(), Train(augment=augment, seed=seed), epoch)


def random(seed=1):
    return np.random.default_rng(seed)


def decibels(one, other):
    return 10 * np.log10(np.mean(np.square(one, dtype=float)) / np.mean(np.square(other, dtype=float)))


def test_where_nothing_is_switched_on_the_utterances_are_as_they_are():
    given = examples()
    assert augmentation.of_epoch(given, Train(), 1) is given


def test_the_level_is_varied_within_its_limits_and_nothing_else():
    changes = [decibels(level.change(TONE, random(n), 6.0), TONE) for n in range(50)]
    assert max(map(abs, changes)) <= 6.001
    assert min(changes) < -3
    assert max(changes) > 3
    changed = level.change(TONE, random(), 6.0)
    np.testing.assert_allclose(np.corrcoef(changed, TONE)[0, 1], 1)


def test_noise_is_as_far_below_the_utterance_as_it_says():
    for n in range(20):
        below = decibels(TONE, noise.add(TONE, random(n)) - TONE)
        assert 9.9 < below < 40.1


@pytest.mark.parametrize(("hundredths", "hertz"), [(90, 396), (110, 484)])
def test_another_speed_shifts_pitch_and_length_together(hundredths, hertz):
    changed = speed.change(TONE, hundredths)
    assert len(changed) == speed.length(len(TONE), hundredths)
    spectrum = np.abs(np.fft.rfft(changed))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(changed) == pytest.approx(hertz, abs=2)


def test_the_three_speeds_are_as_likely():
    drawn = [speed.draw(random(n), 0.1) for n in range(300)]
    assert set(drawn) == {90, 100, 110}
    assert min(map(drawn.count, (90, 100, 110))) > 70


def test_a_room_lets_a_click_die_away_and_keeps_length_and_level():
    click = np.zeros(SAMPLE_RATE, np.float32)
    click[100] = 1
    echoed = room.add(click, random())
    assert len(echoed) == len(click)
    assert decibels(echoed, click) == pytest.approx(0, abs=0.01)
    assert not echoed[:99].round(6).any()
    early, late = np.square(echoed[101:1700]).sum(), np.square(echoed[1700:3300]).sum()
    assert early > late > 0


def test_silence_stays_silence():
    nothing = np.zeros(4000, np.float32)
    for n in range(5):
        assert not room.add(noise.add(nothing, random(n)), random(n)).any()


def test_the_same_seed_and_epoch_give_the_same_and_others_do_not():
    first, again, epoch, seed = heard(ALL), heard(ALL), heard(ALL, epoch=2), heard(ALL, seed=2)
    np.testing.assert_array_equal(first.waveform("a"), again.waveform("a"))
    for other in (epoch, seed):
        assert not np.array_equal(first.waveform("a")[:8000], other.waveform("a")[:8000])


def test_lengths_are_those_of_what_is_heard():
    for epoch in range(1, 10):
        found = heard(Augment(speed=0.1), epoch)
        assert list(found.samples) == [len(found.waveform(name)) for name in found.utterances]


def test_switching_one_kind_on_changes_what_no_other_draws():
    alone, both = heard(Augment(level=6.0)).waveform("a"), heard(Augment(level=6.0, noise=1.0)).waveform("a")
    assert decibels(both, alone) == pytest.approx(0, abs=0.5)


def test_it_leaves_torchs_random_state_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    heard(ALL).waveform("a")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("given", [{"noise": 1.1}, {"speed": 0.6}, {"level": -1.0}, {"pitch": 0.1}])
def test_what_cannot_be_is_refused(given):
    with pytest.raises(ValidationError):
        Augment.model_validate(given)


def test_the_papers_recipe_has_none():
    with pytest.raises(ValidationError, match=r"train\.augment: .* contradicts the recipe 'paper'"):
        Train.model_validate({"recipe": "paper", "augment": {"noise": 0.5}})
