"""IEMOCAP's published layout at any scale: utterances per speaker, their dialogs, durations and mean shifts."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtri

from attune.corpus.iemocap.inventory import DIALOGS, SCENARIOS, SPEAKERS
from attune.corpus.synthetic.cues import Cues
from attune.corpus.synthetic.emotion import CORRELATION, MEAN, SD
from attune.corpus.synthetic.schedule import Slot, dialog, kind, name
from attune.corpus.synthetic.speakers import Speaker

Array = NDArray[np.float64]

ALL = sum(map(sum, SPEAKERS))
FEWEST = 4
"""Minimum of utterances per speaker and of dialogs per session: enough for both kinds and both markers."""

_QUANTILES = (
    *((0.5 / ALL, 0.585), (50 / ALL, 1.0), (0.25, 2.45), (0.5, 3.52), (0.75, 5.56)),
    *((0.95, 10.53), (0.99, 15.07), (1 - 21 / ALL, 20.0), (1 - 0.5 / ALL, 34.139)),
)
"""Share of utterances, and the seconds they do not exceed; we chose the quartiles so that the mean is 4.46."""

_DOMINANCE = (2.96, 3.21, 3.21, 3.35, 3.21)
"""Mean by session: the first and fourth are published, the others chosen so that the overall mean is right."""


def schedules(people: Sequence[Speaker], share: float, cues: Cues, seed: int) -> Iterator[list[Slot]]:
    """Yield the turns of each session, session by session.

    Args:
        people: a woman and a man for each session.
        share: fraction of IEMOCAP's utterances.
        cues: how an utterance's cue is chosen.
    """
    counts = [[max(FEWEST, round(share * count)) for count in pair] for pair in SPEAKERS]
    sizes = [sum(pair) for pair in counts]
    lengths = iter(durations(sum(sizes), np.random.default_rng([seed, 0])))
    improvised = apportioned(round(sum(sizes) * SCENARIOS["improvised"] / ALL), sizes)
    dialogs = apportioned(max(FEWEST * len(sizes), round(share * DIALOGS)), sizes)
    for place, pair in enumerate(counts):
        two = people[2 * place : 2 * place + 2]
        own = apportioned(improvised[place], pair)
        by_kind = {"improvised": own, "scripted": [all_ - some for all_, some in zip(pair, own, strict=True)]}
        rng = np.random.default_rng([seed, two[0].session])
        yield _session(two, by_kind, max(FEWEST, dialogs[place]), lengths, cues, rng)


def shift(session: int) -> Array:
    """Return the shift of a session's mean arousal, valence and dominance; the first two follow by correlation."""
    moved = (_DOMINANCE[session - 1] - MEAN[2]) / SD[2]
    return np.asarray(moved * CORRELATION[2] * SD)


def durations(count: int, rng: np.random.Generator) -> list[float]:
    """Return the durations of `count` utterances in seconds, distributed as published, in random order."""
    shares, seconds = zip(*_QUANTILES, strict=True)
    curve = PchipInterpolator(ndtri(shares), np.log(seconds))
    wanted = np.clip((np.arange(count) + 0.5) / count, shares[0], shares[-1])
    found: list[float] = np.exp(curve(ndtri(wanted))).round(3).tolist()
    return [found[place] for place in rng.permutation(count)]


def apportioned(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers that add up to `total`, as close to the weights' proportions as possible."""
    exact = total * np.asarray(weights, dtype=np.float64) / np.sum(weights)
    whole = np.floor(exact).astype(int)
    whole[np.argsort(whole - exact, kind="stable")[: total - whole.sum()]] += 1
    return [int(count) for count in whole]


def _session(
    two: Sequence[Speaker],
    counts: dict[str, list[int]],
    dialogs: int,
    lengths: Iterator[float],
    cues: Cues,
    rng: np.random.Generator,
) -> list[Slot]:
    kinds = [kind(number) for number in range(dialogs)]
    places = {which: [number for number in range(dialogs) if kinds[number] == which] for which in counts}
    turns = {
        number: [apportioned(count, [1] * len(own))[place] for count in counts[which]]
        for which, own in places.items()
        for place, number in enumerate(own)
    }
    slots: list[Slot] = []
    for number in range(dialogs):
        order = _mixed(two, turns[number])
        slots += dialog(name(two[0].session, number), order, lengths, cues, rng) if order else []
    return slots


def _mixed(two: Sequence[Speaker], counts: Sequence[int]) -> list[Speaker]:
    """Return the speakers of a dialog's turns, each speaker's spread evenly over the dialog."""
    at = [((turn + 0.5) / count, speaker) for speaker, count in zip(two, counts, strict=True) for turn in range(count)]
    return [speaker for _, speaker in sorted(at, key=lambda one: one[0])]
