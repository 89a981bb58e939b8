"""Who speaks when: dialogs of a session's two speakers, who take turns."""

from typing import NamedTuple

import numpy as np

from attune.corpus.synthetic.speakers import Speaker

TURNS_PER_DIALOG = 12
_SECONDS = (1.0, 1.8)
_GAP = (0.2, 1.0)
_CUE_SHARE = (0.4, 0.6)
_MARGIN = 0.05
"""Seconds at both ends in which nobody speaks; never part of a cue."""

_SCENES = (("F", "impro"), ("M", "script"), ("M", "impro"), ("F", "script"))
"""Marker letter and kind of a session's dialogs, over and over."""


class Cue(NamedTuple):
    """The part of an utterance that carries its emotion, in seconds from the utterance's start."""

    start: float
    end: float


class Slot(NamedTuple):
    """Room for one utterance."""

    utterance: str
    dialog: str
    speaker: Speaker
    start: float
    """Seconds from the dialog's start."""
    seconds: float
    cue: Cue


def schedule(woman: Speaker, man: Speaker, utterances_per_speaker: int, rng: np.random.Generator) -> list[Slot]:
    """All turns of one session, dialog by dialog; the two take turns and take turns at beginning."""
    pairs = np.arange(utterances_per_speaker)
    dialogs = min(len(pairs), max(len(_SCENES), -(-2 * len(pairs) // TURNS_PER_DIALOG)))
    slots = []
    for number, part in enumerate(np.array_split(pairs, dialogs)):
        order = (woman, man) if number % 2 == 0 else (man, woman)
        slots += _dialog(_name(woman.session, number), order, len(part), rng)
    return slots


def _dialog(name: str, order: tuple[Speaker, Speaker], pairs: int, rng: np.random.Generator) -> list[Slot]:
    slots, clock = [], round(rng.uniform(2.0, 8.0), 2)
    for turn in range(2 * pairs):
        speaker = order[turn % 2]
        seconds = round(rng.uniform(*_SECONDS), 2)
        utterance = f"{name}_{speaker.gender}{turn // 2:03d}"
        slots.append(Slot(utterance, name, speaker, round(clock, 2), seconds, _cue(seconds, rng)))
        clock += seconds + rng.uniform(*_GAP)
    return slots


def _cue(seconds: float, rng: np.random.Generator) -> Cue:
    length = seconds * rng.uniform(*_CUE_SHARE)
    start = rng.uniform(_MARGIN, seconds - _MARGIN - length)
    return Cue(round(start, 3), round(start + length, 3))


def _name(session: int, number: int) -> str:
    marker, kind = _SCENES[number % len(_SCENES)]
    scene = number // len(_SCENES)
    place = f"{scene + 1:02d}" if kind == "impro" else f"{scene // 3 + 1:02d}_{scene % 3 + 1}"
    return f"Ses{session:02d}{marker}_{kind}{place}"
