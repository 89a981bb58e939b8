"""From ratings on the 1 to 5 scale to the paper's three classes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attune.errors import AttuneError

LOW, HIGH = 2.0, 4.0


def to_class(ratings: ArrayLike) -> NDArray[np.int8]:
    """The class of each rating: 0 low, 1 middle, 2 high, as positions in `attune.signal.CLASSES`.

    Ratings outside 1 to 5 fall into the outer class they lie next to, which is how the published class counts come
    about; whether such rows are kept is decided by validation.

    Args:
        ratings: of any shape.

    Returns:
        Classes of the same shape.

    Raises:
        AttuneError: a rating is missing or infinite.
    """
    values = np.asarray(ratings, dtype=np.float64)
    unusable = int(np.count_nonzero(~np.isfinite(values)))
    if unusable:
        raise AttuneError(
            f"{unusable} of {values.size} ratings are missing or not finite and so belong to no class",
            remedy="Use the accepted utterances that `attune validate` writes.",
        )
    return ((values > LOW).astype(np.int8) + (values >= HIGH)).astype(np.int8)
