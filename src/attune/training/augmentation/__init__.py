"""Augmentations of training utterances that preserve the emotion, drawn anew every epoch; one kind per file.

Draws depend only on the seed, the epoch and the utterance's name, so neither order nor an interruption matters.
"""

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attune.features.packed import Frames
from attune.params import Augment, Train
from attune.signal import Waveform
from attune.training.augmentation import level, noise, room, speed
from attune.training.examples import Examples

LEVEL, NOISE, SPEED, ROOM = range(4)
"""Each kind draws from its own random stream, so that enabling one does not change the others."""


def of_epoch(examples: Examples, settings: Train, epoch: int) -> Examples:
    """Return the utterances as augmented in an epoch; unchanged if no augmentation is enabled."""
    augment = settings.augment
    if augment == Augment():
        return examples

    def drawn(utterance: str, kind: int) -> np.random.Generator:
        return np.random.default_rng([settings.seed, epoch, zlib.crc32(utterance.encode()), kind])

    def waveform(utterance: str) -> Waveform | Frames:
        return _changed(examples.waveform(utterance), augment, [drawn(utterance, kind) for kind in range(4)])

    lengths = zip(examples.utterances, examples.samples, strict=True)
    samples = [speed.length(count, speed.draw(drawn(name, SPEED), augment.speed)) for name, count in lengths]
    return replace(examples, samples=tuple(samples), waveform=waveform)


def _changed(wave: Waveform, augment: Augment, random: Sequence[np.random.Generator]) -> Waveform:
    """Augment in physical order: speed of speech, room, background noise, recording level."""
    wave = speed.change(wave, speed.draw(random[SPEED], augment.speed))
    if random[ROOM].random() < augment.room:
        wave = room.add(wave, random[ROOM])
    if random[NOISE].random() < augment.noise:
        wave = noise.add(wave, random[NOISE])
    return level.change(wave, random[LEVEL], augment.level)
