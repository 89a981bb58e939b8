"""The category of emotion that raters chose (Xia and Liu 2017 train dimensions and categories together)."""

from attune.training.auxiliary.base import Kinds


class Category(Kinds):
    """Utterances on which raters did not agree have no category and do not count."""

    column = "category"
