"""Short tones whose loudness, pitch and buzz tell the three classes apart: something to learn in a moment."""

import numpy as np
import torch

from attune.model import form
from attune.model.inputs import Waves
from attune.model.systems import named
from attune.params import Train
from attune.tasks import TASKS
from attune.training.beside import Beside
from attune.training.examples import Examples
from attune.training.loop import Job

MEAN, STD = 0.0, 0.1


def examples(count: int, seed: int = 1, longest: int = 1600) -> Examples:
    random = np.random.default_rng(seed)
    samples = random.integers(800, longest, count)
    classes = {task: random.integers(0, 3, count) for task in TASKS}
    names = tuple(f"utterance{seed}-{number}" for number in range(count))
    waveforms = {
        name: _tone(random, n, *(int(classes[task][row]) for task in TASKS))
        for row, (name, n) in enumerate(zip(names, samples, strict=True))
    }
    ratings = {task: (1.5 * own + 1.5).astype(np.float32) for task, own in classes.items()}
    return Examples(names, tuple(samples.tolist()), classes, waveforms.__getitem__, ratings)


def _tone(random: np.random.Generator, samples: int, loudness: int, pitch: int, buzz: int) -> np.ndarray:
    seconds = np.arange(samples) / 16_000
    tone = np.sin(2 * np.pi * (500 + 1500 * pitch) * seconds) + buzz * np.sign(np.sin(2 * np.pi * 150 * seconds))
    return (0.05 * 3.0**loudness * tone + 0.01 * random.normal(size=samples)).astype(np.float32)


def job(system: str = "mtl-att", network: str = "joint", fingerprint: str = "this", **settings) -> Job:
    chosen = Train(**({"epochs": 2, "batch_size": 8} | settings))
    drawn = {"dropout": chosen.dropout, "seed": chosen.seed, "zero_output": chosen.zero_output}
    built = named(system, form=form.of(chosen)).build(network, **drawn)
    return Job(
        name=network,
        network=built,
        beside=Beside(chosen, built, {}),
        training=examples(20, seed=1),
        development=examples(8, seed=2),
        settings=chosen,
        inputs=Waves(MEAN, STD),
        device=torch.device("cpu"),
        fingerprint=fingerprint,
    )
