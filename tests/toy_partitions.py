"""Validated utterances and a store of short tones in all five sessions, small enough to train on in seconds."""

from pathlib import Path

import numpy as np
import pandas as pd
import utterance_tables

from attune.tasks import TASKS
from attune.waveform.store import Store, pack

PER_SPEAKER = 3


def write(folder: Path, sample_rate: int = 16_000) -> None:
    """Write `validated/` and `store/` into a folder: 30 utterances of 10 speakers."""
    random = np.random.default_rng(1)
    rows, waveforms = [], []
    for session in range(1, 6):
        for gender in "FM":
            for number in range(PER_SPEAKER):
                ratings = [float(rating) for rating in random.integers(2, 11, len(TASKS)) / 2]
                name = f"Ses0{session}{gender}_impro01_{gender}{number:03d}"
                rows.append((name, session, f"Ses0{session}{gender}", *ratings))
                waveforms.append((name, _tone(random, *ratings)))
    validated, store = folder / "validated", folder / "store"
    validated.mkdir(parents=True)
    store.mkdir()
    columns = ["utterance", "session", "speaker", *TASKS]
    utterance_tables.write_accepted(validated, pd.DataFrame(rows, columns=columns))
    pack(store, waveforms, sample_rate=sample_rate)


def pack_louder(source: Path, store: Path) -> None:
    """Another store of the same utterances, a little louder."""
    packed = Store(source)
    store.mkdir(parents=True)
    pack(store, [(name, packed.pcm(name) + 1) for name in packed.index.index], sample_rate=packed.sample_rate)


def _tone(random: np.random.Generator, loudness: float, pitch: float, buzz: float) -> np.ndarray:
    seconds = np.arange(random.integers(1200, 2400)) / 16_000
    tone = np.sin(2 * np.pi * 500 * pitch * seconds) + 0.2 * buzz * np.sign(np.sin(2 * np.pi * 150 * seconds))
    return (500 * loudness * tone + 50 * random.normal(size=len(seconds))).astype(np.int16)
