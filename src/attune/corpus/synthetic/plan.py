"""Everything about the corpus except its sound: turns, emotions and judgements, all from one seed."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attune.corpus.synthetic import cues, full
from attune.corpus.synthetic.emotion import latents
from attune.corpus.synthetic.quotas import balanced
from attune.corpus.synthetic.raters import RELIABILITY, Judgement, judge, panel
from attune.corpus.synthetic.schedule import Slot, schedule
from attune.corpus.synthetic.speakers import Speaker, cast
from attune.errors import AttuneError
from attune.settings.corpus import Synthetic
from attune.tasks import PAPER

Array = NDArray[np.float64]

_ATTEMPTS = 20_000
_BALANCE = 6
"""Number of a random stream, beside those of the lengths (0) and of the sessions (1 to 5, 11 to 15)."""


class Turn(NamedTuple):
    """One utterance: its slot, its speaker's emotion and the raters' judgement."""

    slot: Slot
    felt: Array
    """Arousal, valence and dominance on 1 to 5, (3,)."""
    judgement: Judgement


def plan(settings: Synthetic) -> list[Turn]:
    """Plan a corpus of ten speakers in five sessions, ordered by session, dialog and time.

    A session's emotions and ratings are redrawn until every class of every task occurs in it, which only small corpora
    ever need.

    Raises:
        AttuneError: no draw contained all classes, which takes a very small corpus and bad luck.
    """
    people = cast(np.random.default_rng(settings.seed))
    placed = (cues.evenly if settings.cue_placement == "even" else cues.anywhere)(*settings.cue_length)
    if settings.like == "small":
        return [turn for slots, rng in _small(people, settings, placed) for turn in _judged(slots, settings, rng)]
    turns = [
        turn
        for slots in full.schedules(people, settings.share, placed, settings.seed)
        for turn in _judged(slots, settings, _stream(settings, 10 + slots[0].speaker.session), shifted=True)
    ]
    felt, judgements = np.array([turn.felt for turn in turns]), [turn.judgement for turn in turns]
    told = balanced(felt, judgements, _stream(settings, _BALANCE))
    return [turn._replace(judgement=judgement) for turn, judgement in zip(turns, told, strict=True)]


def _small(
    people: list[Speaker], settings: Synthetic, placed: cues.Cues
) -> Iterator[tuple[list[Slot], np.random.Generator]]:
    for woman, man in zip(people[::2], people[1::2], strict=True):
        rng = _stream(settings, woman.session)
        yield schedule(woman, man, settings.utterances_per_speaker, placed, rng), rng


def _judged(slots: list[Slot], settings: Synthetic, rng: np.random.Generator, *, shifted: bool = False) -> list[Turn]:
    panels = [who for _, dialog in groupby(slots, lambda slot: slot.dialog) for who in _panels(list(dialog), rng)]
    shift = full.shift(slots[0].speaker.session) if shifted else 0.0
    for _ in range(_ATTEMPTS):
        felt = latents(len(slots), RELIABILITY, rng, shift)
        judgements = [judge(emotion, who, settings.rater_noise, rng) for emotion, who in zip(felt, panels, strict=True)]
        if _all_classes(judgements):
            return [Turn(*parts) for parts in zip(slots, felt, judgements, strict=True)]
    raise AttuneError(
        f"no draw of {len(slots)} utterances contained every class of every task",
        where="corpus.synthetic.utterances_per_speaker" if settings.like == "small" else "corpus.synthetic.share",
        remedy="Make more utterances, or choose another seed.",
    )


def _stream(settings: Synthetic, number: int) -> np.random.Generator:
    return np.random.default_rng([settings.seed, number])


def _panels(dialog: list[Slot], rng: np.random.Generator) -> list[tuple[str, ...]]:
    return [panel(rng)] * len(dialog)


def _all_classes(judgements: list[Judgement]) -> bool:
    labels = np.array([judgement.label for judgement in judgements])
    return all(
        len(set(task.to_class(column))) == len(task.classes) for task, column in zip(PAPER, labels.T, strict=True)
    )
