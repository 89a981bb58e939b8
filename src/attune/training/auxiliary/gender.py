"""The speaker's gender (Li et al. 2019 train it beside emotion)."""

from attune.training.auxiliary.base import Kinds


class Gender(Kinds):
    """As the corpus names it."""

    column = "gender"
