"""Write a planned corpus to disk in IEMOCAP's own layout."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.io import wavfile

from attune.corpus.synthetic import formats
from attune.corpus.synthetic.emotion import effect
from attune.corpus.synthetic.perform import perform
from attune.corpus.synthetic.plan import Turn
from attune.signal import SAMPLE_RATE as RATE
from attune.tasks import TASKS


def write_sounds(turns: Iterable[Turn], release: Path, *, seed: int, strength: float) -> list[str]:
    """Speak every turn into ``Session*/sentences/wav`` (16 kHz mono, 16 bit).

    Args:
        turns: in any order, perhaps wrapped in a progress bar; each sounds the same whatever comes before it.
        release: the folder for ``Session1`` ...; made if missing.
        strength: multiplies every effect of emotion on the voice.

    Returns:
        What was said in each.
    """
    return [_speak(turn, release, np.random.default_rng(_entropy(seed, turn)), strength) for turn in turns]


def write_texts(turns: list[Turn], texts: list[str], release: Path) -> None:
    """Write label files, every rater's own files and transcripts of whole dialogs."""
    for dialog, members in groupby(zip(turns, texts, strict=True), lambda member: member[0].slot.dialog):
        spoken, said = (list(part) for part in zip(*members, strict=True))
        folder = _session(release, spoken[0]) / "dialog"
        _write(folder / "EmoEvaluation" / f"{dialog}.txt", formats.labels(spoken))
        _write(folder / "transcriptions" / f"{dialog}.txt", formats.transcript(spoken, said))
        for name, text in _rater_files(spoken).items():
            _write(folder / "EmoEvaluation" / name, text)


def cues(turns: list[Turn]) -> pd.DataFrame:
    """Where each utterance's emotion lies, in seconds from its start, and what is felt there."""
    rows = [(turn.slot.utterance, *turn.slot.cue, *turn.felt) for turn in turns]
    table = pd.DataFrame(rows, columns=["utterance", "start", "end", *TASKS])
    return table.sort_values("utterance", ignore_index=True)


def _speak(turn: Turn, release: Path, rng: np.random.Generator, strength: float) -> str:
    slot = turn.slot
    samples, text = perform(slot.speaker, effect(turn.felt, strength), slot.seconds, slot.cue, rng)
    path = _session(release, turn) / "sentences" / "wav" / slot.dialog / f"{slot.utterance}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    wavfile.write(path, RATE, samples)  # raises OSError where the disk is full; soundfile does not say why
    return text


def _rater_files(turns: list[Turn]) -> dict[str, str]:
    """Texts by path below EmoEvaluation."""
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


def _entropy(seed: int, turn: Turn) -> list[int]:
    """Numbers of its own for each utterance, so that one utterance's sound depends on no other's."""
    return [seed, *turn.slot.utterance.encode()]
