"""Front ends, which turn an utterance into one vector per window, by name; each file has one module and parameters."""

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
    """Return the named front end.

    Raises:
        AttuneError: there is no such front end.
    """
    if name not in FRONT_ENDS:
        raise AttuneError(f"no front end is called {name!r}", remedy=f"Choose one of {', '.join(FRONT_ENDS)}.")
    return FRONT_ENDS[name](dropout)
