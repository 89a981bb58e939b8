"""Everything about the corpus but its sound: turns, emotions and judgements, all from one seed."""

from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attune.corpus.synthetic.emotion import latents
from attune.corpus.synthetic.raters import RELIABILITY, Judgement, judge, panel
from attune.corpus.synthetic.schedule import Slot, schedule
from attune.corpus.synthetic.speakers import cast
from attune.errors import AttuneError
from attune.tasks import PAPER

_ATTEMPTS = 20_000


class Turn(NamedTuple):
    """One utterance: its place, what its speaker feels and what people make of it."""

    slot: Slot
    felt: NDArray[np.float64]
    """Arousal, valence and dominance on 1 to 5, (3,)."""
    judgement: Judgement


def plan(seed: int, utterances_per_speaker: int) -> list[Turn]:
    """Lay out a corpus of ten speakers in five sessions, in the order of sessions, dialogs and time.

    A session's emotions and ratings are drawn again until every class of every task occurs in it, which only small
    corpora ever need.

    Args:
        utterances_per_speaker: at least 4.

    Raises:
        AttuneError: no draw held all classes, which takes a very small corpus and bad luck.
    """
    people = cast(np.random.default_rng(seed))
    turns: list[Turn] = []
    for woman, man in zip(people[::2], people[1::2], strict=True):
        rng = np.random.default_rng([seed, woman.session])
        turns += _judged(schedule(woman, man, utterances_per_speaker, rng), rng)
    return turns


def _judged(slots: list[Slot], rng: np.random.Generator) -> list[Turn]:
    panels = [who for _, dialog in groupby(slots, lambda slot: slot.dialog) for who in _panels(list(dialog), rng)]
    for _ in range(_ATTEMPTS):
        felt = latents(len(slots), RELIABILITY, rng)
        judgements = [judge(emotion, who, rng) for emotion, who in zip(felt, panels, strict=True)]
        if _all_classes(judgements):
            return [Turn(*parts) for parts in zip(slots, felt, judgements, strict=True)]
    raise AttuneError(
        f"no draw of {len(slots)} utterances held every class of every task",
        where="corpus.synthetic.utterances_per_speaker",
        remedy="Make more utterances, or choose another seed.",
    )


def _panels(dialog: list[Slot], rng: np.random.Generator) -> list[tuple[str, ...]]:
    return [panel(rng)] * len(dialog)


def _all_classes(judgements: list[Judgement]) -> bool:
    labels = np.array([judgement.label for judgement in judgements])
    return all(
        len(set(task.to_class(column))) == len(task.classes) for task, column in zip(PAPER, labels.T, strict=True)
    )
