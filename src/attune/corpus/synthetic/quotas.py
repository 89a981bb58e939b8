"""Adjustment of judgements to the published balance: each class and category as often as in IEMOCAP."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attune.corpus.iemocap.inventory import CATEGORIES as COUNTED
from attune.corpus.iemocap.inventory import CLASSES
from attune.corpus.synthetic.full import apportioned
from attune.corpus.synthetic.raters import CATEGORICAL, CATEGORIES, CATEGORY_SD, NO_MAJORITY, RARE, Category, Judgement
from attune.tasks import PAPER, Task

Array = NDArray[np.float64]

_MIDDLE = 1
_ALL: tuple[Category, ...] = (*CATEGORIES, *RARE)


def balanced(felt: Array, judgements: Sequence[Judgement], rng: np.random.Generator) -> list[Judgement]:
    """Change as few judgements as possible, the closest first, until the counts are right.

    Args:
        felt: arousal, valence and dominance on 1 to 5, (utterances, 3).
        judgements: one per utterance.
        rng: for how an utterance's category is perceived.
    """
    found = list(judgements)
    for place, task in enumerate(PAPER):
        _move_labels(found, felt[:, place], place, task)
    return _categorised(found, felt, rng)


def _move_labels(judgements: list[Judgement], felt: Array, place: int, task: Task) -> None:
    """Fill the outer classes from the middle one, or vice versa, with the labels nearest to the edge."""
    wanted = apportioned(len(judgements), CLASSES[task.name])
    for outer, step in ((0, -1.0), (2, 1.0)):
        labels = np.array([judgement.label[place] for judgement in judgements])
        classes = task.to_class(labels)
        missing = wanted[outer] - int(np.count_nonzero(classes == outer))
        giving, taking = (_MIDDLE, outer) if missing > 0 else (outer, _MIDDLE)
        towards = step if missing > 0 else -step
        order = np.lexsort((-towards * felt, -towards * labels))
        for number in order[classes[order] == giving][: abs(missing)]:
            judgements[number] = _moved(judgements[number], place, towards, task, taking)


def _moved(judgement: Judgement, place: int, step: float, task: Task, wanted: int) -> Judgement:
    """Change ratings one at a time by one step, always the one furthest behind, until the class is right."""
    external = {rater: ratings.copy() for rater, ratings in judgement.external.items()}
    while int(task.to_class(np.mean([ratings[place] for ratings in external.values()]))) != wanted:
        furthest = min(external, key=lambda rater: step * external[rater][place])
        external[furthest][place] += step
    return judgement._replace(external=external)


def _categorised(judgements: list[Judgement], felt: Array, rng: np.random.Generator) -> list[Judgement]:
    """Give the least clear utterances no majority, and each other one the nearest category with room left."""
    heard = felt + CATEGORY_SD * rng.standard_normal(felt.shape)
    places = np.array([category[2:] for category in _ALL])
    distances = np.linalg.norm(heard[:, None] - places, axis=2)
    nearest = np.argsort(distances[:, : len(CATEGORIES)], axis=1)
    room = dict(zip(COUNTED, apportioned(len(felt), list(COUNTED.values())), strict=True))
    two = np.take_along_axis(distances, nearest[:, :2], axis=1)
    unclear = np.argsort(two[:, 1] - two[:, 0], kind="stable")[: room[NO_MAJORITY]]
    agreed = _seated(distances, set(unclear.tolist()), [room[category.code] for category in _ALL])
    return [
        judgement._replace(categories=_votes(agreed.get(number), [_ALL[place] for place in order[:3]]))
        for number, (judgement, order) in enumerate(zip(judgements, nearest, strict=True))
    ]


def _seated(distances: Array, without: set[int], room: list[int]) -> dict[int, Category]:
    """Return the category of each utterance not in `without`, nearest pairs first, none beyond its room."""
    found: dict[int, Category] = {}
    for flat in np.argsort(distances, axis=None, kind="stable"):
        number, place = divmod(int(flat), len(_ALL))
        if room[place] and number not in found and number not in without:
            found[number] = _ALL[place]
            room[place] -= 1
    return found


def _votes(agreed: Category | None, nearest: list[Category]) -> dict[str, Category]:
    """Return three raters' votes: all different without agreement; else two agree and the third chooses the nearest."""
    said = [agreed, agreed, nearest[0]] if agreed else nearest
    return dict(zip(CATEGORICAL, said, strict=True))
