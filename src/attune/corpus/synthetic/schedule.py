"""Who speaks when: dialogs between a session's two speakers."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from attune.corpus.synthetic.cues import Cue, Cues
from attune.corpus.synthetic.speakers import Speaker

TURNS_PER_DIALOG = 12
_SECONDS = (1.0, 1.8)
_GAP = (0.2, 1.0)
_SCENES = (("F", "impro"), ("M", "script"), ("M", "impro"), ("F", "script"))
"""Marker letter and kind of a session's dialogs, repeated cyclically."""


class Slot(NamedTuple):
    """A time slot for one utterance."""

    utterance: str
    dialog: str
    speaker: Speaker
    start: float
    """Seconds from the dialog's start."""
    seconds: float
    cue: Cue


def schedule(woman: Speaker, man: Speaker, count: int, cues: Cues, rng: np.random.Generator) -> list[Slot]:
    """Return all turns of one session of a small corpus; the two alternate, and alternate in who begins a dialog.

    Args:
        count: utterances per speaker.
        cues: how an utterance's cue is chosen.
    """
    pairs = np.arange(count)
    dialogs = min(count, max(len(_SCENES), -(-2 * count // TURNS_PER_DIALOG)))
    lengths = (round(rng.uniform(*_SECONDS), 2) for _ in iter(int, None))
    slots = []
    for number, part in enumerate(np.array_split(pairs, dialogs)):
        order = (woman, man) if number % 2 == 0 else (man, woman)
        slots += dialog(name(woman.session, number), order * len(part), lengths, cues, rng)
    return slots


def dialog(
    named: str, order: Sequence[Speaker], lengths: Iterator[float], cues: Cues, rng: np.random.Generator
) -> list[Slot]:
    """Return one dialog's turns.

    Args:
        order: who speaks, turn by turn.
        lengths: seconds of each turn; takes as many as there are turns.
    """
    slots: list[Slot] = []
    clock, turns = round(rng.uniform(2.0, 8.0), 2), dict.fromkeys(order, 0)
    for speaker in order:
        seconds = next(lengths)
        utterance = f"{named}_{speaker.gender}{turns[speaker]:03d}"
        slots.append(Slot(utterance, named, speaker, round(clock, 2), seconds, cues(seconds, rng)))
        turns[speaker] += 1
        clock += seconds + rng.uniform(*_GAP)
    return slots


def kind(number: int) -> str:
    """Return whether the session's dialog with that number is improvised or scripted."""
    return "improvised" if _SCENES[number % len(_SCENES)][1] == "impro" else "scripted"


def name(session: int, number: int) -> str:
    """Return the name of a session's dialog, counted from 0, such as ``Ses01F_impro01``."""
    marker, prefix = _SCENES[number % len(_SCENES)]
    scene = number // len(_SCENES)
    place = f"{scene + 1:02d}" if prefix == "impro" else f"{scene // 3 + 1:02d}_{scene % 3 + 1}"
    return f"Ses{session:02d}{marker}_{prefix}{place}"
