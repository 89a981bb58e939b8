"""Does the network need the windows it attends to? The waveform is masked by attention and by baselines.

Removed: the strongest share is masked, and the probability of the class predicted from the whole waveform should fall
(comprehensiveness, deletion curve). Only: all else is masked, and it should stay (sufficiency, insertion curve). Names
as in DeYoung et al. 2020, ERASER.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attune.attention.probing.masking import (
    FILLS,
    Array,
    Fill,
    Mask,
    by_hop,
    masked,
    random_block,
    random_windows,
    samples,
    strongest,
)
from attune.signal import Waveform

SHARES = (0.1, 0.3, 0.5)
"""Shares of the waveform that are removed or left."""

MIDDLE = 0.3
"""The share at which the kinds of filling are compared."""

ORDERS = ("attention", "contribution", "random windows", "random block", "loudest", "quietest", "cue")
OWN = ("attention", "contribution")
"""The orders that differ by task."""

Predict = Callable[[Sequence[Waveform]], list[Mapping[str, Array]]]
"""Waveforms -> for each, the probabilities ``(classes,)`` by task."""


class Subject(NamedTuple):
    """An utterance: its sound, the level and, if known, the cue of its windows; for each task, weights by order."""

    utterance: str
    waveform: Waveform
    energy: Array
    cue: NDArray[np.bool_] | None
    weights: Mapping[str, Mapping[str, Array]]
    """task -> `OWN` order -> ``(windows,)``."""


class _Variant(NamedTuple):
    fill: Fill
    order: str
    share: float
    mode: str
    tasks: tuple[str, ...]
    """The tasks it counts for: the one whose weights it was masked by, or all if the order is shared."""


def curves(subject: Subject, predict: Predict, seed: Sequence[int]) -> pd.DataFrame:
    """Mask one utterance in every way.

    Returns:
        ``utterance, task, fill, order, share, mode (removed or only), drop, predicted``: `drop` is how far masking
        lowers the probability of the class predicted from the whole waveform; `predicted` is the class after masking.
        The whole waveform itself has the order ``nothing`` and the share 0.
    """
    rng = np.random.default_rng(list(seed))
    planned = list(_variants(subject, rng))
    sounds = [subject.waveform, *(_masked(subject, mask, variant, rng) for variant, mask in planned)]
    whole, *found = predict(sounds)
    rows = []
    for task, before in whole.items():
        answer = int(before.argmax())
        rows.append((task, "", "nothing", 0.0, "", 0.0, answer))
        for (variant, _), after in zip(planned, found, strict=True):
            if task in variant.tasks:
                drop, now = float(before[answer] - after[task][answer]), int(after[task].argmax())
                rows.append((task, *variant[:4], drop, now))
    columns = ["task", "fill", "order", "share", "mode", "drop", "predicted"]
    return pd.DataFrame(rows, columns=columns).assign(utterance=subject.utterance)


def _variants(subject: Subject, rng: np.random.Generator) -> Iterator[tuple[_Variant, Mask]]:
    """Yield the variants of masking, and the hops that each removes."""
    strengths = list(_strengths(subject, rng))
    for order, tasks, strength in strengths:
        for share in SHARES:
            chosen = strongest(strength, share)
            yield _Variant(FILLS[0], order, share, "removed", tasks), chosen
            yield _Variant(FILLS[0], order, share, "only", tasks), ~chosen
    for fill in FILLS[1:]:
        for order, tasks, strength in strengths:
            if order in ("attention", "random windows"):
                yield _Variant(fill, order, MIDDLE, "removed", tasks), strongest(strength, MIDDLE)
    if subject.cue is not None:
        inside = by_hop(subject.cue.astype(np.float64)) >= 0.5
        share, tasks = float(inside.mean()), tuple(subject.weights)
        for fill in FILLS:
            yield _Variant(fill, "cue", share, "removed", tasks), inside
            yield _Variant(fill, "cue", share, "only", tasks), ~inside


def _strengths(subject: Subject, rng: np.random.Generator) -> Iterator[tuple[str, tuple[str, ...], Array]]:
    """Yield every order but the cue: its name, its tasks, and the strength of each hop."""
    for order in OWN:
        for task, own in subject.weights.items():
            yield order, (task,), by_hop(own[order])
    everybody, level = tuple(subject.weights), by_hop(subject.energy)
    yield "random windows", everybody, random_windows(len(level), rng)
    yield "random block", everybody, random_block(len(level), rng)
    yield "loudest", everybody, level
    yield "quietest", everybody, -level


def _masked(subject: Subject, hops: Mask, variant: _Variant, rng: np.random.Generator) -> Waveform:
    return masked(subject.waveform, samples(hops, len(subject.waveform)), variant.fill, rng)


def areas(table: pd.DataFrame) -> pd.DataFrame:
    """Return comprehensiveness and sufficiency: the drop averaged over `SHARES`, per utterance and task.

    Returns:
        Indexed by utterance and task; columns are pairs of order and mode, including the cue at its own share.
    """
    rows = table[(table["fill"] == FILLS[0]) & (table["order"] != "nothing")]
    wide: pd.DataFrame = rows.pivot_table("drop", ["utterance", "task"], ["order", "mode"], "mean")
    return wide
