"""Writing a planned corpus to disk in IEMOCAP's own layout."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.io import wavfile

from attune.corpus.synthetic import formats
from attune.corpus.synthetic.emotion import effect
from attune.corpus.synthetic.perform import perform, said
from attune.corpus.synthetic.plan import Turn
from attune.settings.corpus import Synthetic
from attune.signal import SAMPLE_RATE as RATE
from attune.tasks import TASKS


def speak(turn: Turn, release: Path, settings: Synthetic) -> str:
    """Synthesise a turn in ``Session*/sentences/wav`` (16 kHz mono, 16 bit), unless it is there already.

    It sounds the same whatever was synthesised before it.

    Args:
        release: the folder for ``Session1`` ...; made if missing.

    Returns:
        The spoken text.
    """
    slot, rng = turn.slot, np.random.default_rng([settings.seed, *turn.slot.utterance.encode()])
    voice = slot.speaker, effect(turn.felt, settings.strength), slot.seconds, slot.cue
    path = recording(turn, release)
    if path.exists():
        return said(*voice, rng)
    samples, text = perform(*voice, settings.recording_noise, rng)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        wavfile.write(part, RATE, samples)  # raises OSError where the disk is full; soundfile does not say why
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return text


def recording(turn: Turn, release: Path) -> Path:
    """Return the path of a turn's recording."""
    return _session(release, turn) / "sentences" / "wav" / turn.slot.dialog / f"{turn.slot.utterance}.wav"


def write_texts(turns: list[Turn], texts: list[str], release: Path) -> None:
    """Write the label files, raters' own files and transcripts of whole dialogs."""
    for dialog, members in groupby(zip(turns, texts, strict=True), lambda member: member[0].slot.dialog):
        spoken, words = (list(part) for part in zip(*members, strict=True))
        folder = _session(release, spoken[0]) / "dialog"
        _write(folder / "EmoEvaluation" / f"{dialog}.txt", formats.labels(spoken))
        _write(folder / "transcriptions" / f"{dialog}.txt", formats.transcript(spoken, words))
        for name, text in _rater_files(spoken).items():
            _write(folder / "EmoEvaluation" / name, text)


def cues(turns: list[Turn]) -> pd.DataFrame:
    """Return where each utterance carries its emotion, in seconds from its start, and what is felt there."""
    rows = [(turn.slot.utterance, *turn.slot.cue, *turn.felt) for turn in turns]
    table = pd.DataFrame(rows, columns=["utterance", "start", "end", *TASKS])
    return table.sort_values("utterance", ignore_index=True)


def _rater_files(turns: list[Turn]) -> dict[str, str]:
    """Return texts by path below EmoEvaluation."""
    files: dict[str, str] = defaultdict(str)
    for turn in turns:
        for name, line in _rater_lines(turn):
            files[name] += line
    return files


def _rater_lines(turn: Turn) -> Iterator[tuple[str, str]]:
    slot, judgement, own = turn.slot, turn.judgement, formats.self_rater(turn).lower()
    for rater, ratings in judgement.external.items():
        yield f"Attribute/{slot.dialog}_{rater.lower()}_atr.txt", formats.attribute(slot.utterance, ratings)
    for rater, category in judgement.categories.items():
        yield f"Categorical/{slot.dialog}_{rater.lower()}_cat.txt", formats.categorical(slot.utterance, category)
    yield f"Self-evaluation/{slot.dialog}_{own}_atr.txt", formats.attribute(slot.utterance, judgement.own)
    yield f"Self-evaluation/{slot.dialog}_{own}_cat.txt", formats.categorical(slot.utterance, judgement.own_category)


def _session(release: Path, turn: Turn) -> Path:
    return release / f"Session{turn.slot.speaker.session}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
