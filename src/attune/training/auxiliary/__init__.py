"""Auxiliary tasks, which only help to train what all tasks share, by name; one module per file."""

from attune.training.auxiliary.base import Auxiliary
from attune.training.auxiliary.category import Category
from attune.training.auxiliary.gender import Gender
from attune.training.auxiliary.rater_spread import RaterSpread
from attune.training.auxiliary.speaker import Speaker

AUXILIARIES: dict[str, type[Auxiliary]] = {
    "category": Category,
    "gender": Gender,
    "rater_spread": RaterSpread,
    "speaker": Speaker,
}
