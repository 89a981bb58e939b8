"""What turns an utterance into a vector per window, by name: one module a file, which owns its parameters."""

from collections.abc import Callable

from attune.errors import AttuneError
from attune.model.front_ends.base import FrontEndBase
from attune.model.front_ends.descriptors import Descriptors
from attune.model.front_ends.paper import FrontEnd
from attune.model.front_ends.strided import Strided
from attune.model.front_ends.windowed import Windowed

FRONT_ENDS: dict[str, Callable[[float], FrontEndBase]] = {
    "paper": FrontEnd,
    "paper-windowed": Windowed,
    "strided": Strided,
    "descriptors": Descriptors,
}


def named(name: str, dropout: float) -> FrontEndBase:
    """The front end of that name.

    Raises:
        AttuneError: there is none.
    """
    if name not in FRONT_ENDS:
        raise AttuneError(f"no front end is called {name!r}", remedy=f"Choose one of {', '.join(FRONT_ENDS)}.")
    return FRONT_ENDS[name](dropout)
