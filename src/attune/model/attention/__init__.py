"""How a branch makes one vector of its GRU's outputs, by name: one module a file, which owns its parameters.

All of them are a `Pooling`: a new one is a file here, a line in `ATTENTIONS` and its name in `attune.params`.
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
    """The attention of that name, for GRU outputs of so many values.

    Raises:
        AttuneError: there is none.
    """
    if name not in ATTENTIONS:
        raise AttuneError(f"no attention is called {name!r}", remedy=f"Choose one of {', '.join(ATTENTIONS)}.")
    return ATTENTIONS[name](hidden)
