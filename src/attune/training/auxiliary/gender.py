"""The speaker's gender (Li et al. 2019 train it along with emotion)."""

from attune.training.auxiliary.base import Kinds


class Gender(Kinds):
    """Genders as the corpus names them."""

    column = "gender"
