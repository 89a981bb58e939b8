"""Ways for a branch to pool its GRU's outputs into one vector, by name; each file has one module with its parameters.

Each is a `Pooling`. A new one needs a file here, a line in `ATTENTIONS` and its name in `attune.params`.
"""

from collections.abc import Callable

from attune.errors import AttuneError
from attune.model.attention.additive import Additive
from attune.model.attention.dot import Dot
from attune.model.attention.gated import Gated
from attune.model.attention.last import Last
from attune.model.attention.mean import Mean
from attune.model.attention.multi_head import MultiHead
from attune.model.attention.pooled import Pooling

ATTENTIONS: dict[str, Callable[[int], Pooling]] = {
    "dot": Dot,
    "additive": Additive,
    "multi-head": MultiHead,
    "gated": Gated,
    "mean": Mean,
    "last": Last,
}


def named(name: str, hidden: int) -> Pooling:
    """Return the named attention for GRU outputs of `hidden` values.

    Raises:
        AttuneError: there is no such attention.
    """
    if name not in ATTENTIONS:
        raise AttuneError(f"no attention is called {name!r}", remedy=f"Choose one of {', '.join(ATTENTIONS)}.")
    return ATTENTIONS[name](hidden)
