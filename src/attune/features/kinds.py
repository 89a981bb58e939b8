"""Kinds of features, and what computes them."""

from collections.abc import Callable
from dataclasses import dataclass

from attune.features import by_speaker, encoder, smile
from attune.features.of_systems import OF_SYSTEM as OF_SYSTEM
from attune.features.packed import Frames
from attune.signal import Waveform

NONE = "none"
IMPORTED = "imported"
"""The system of published models, which are registered without training."""

PACKAGES = {
    smile.FUNCTIONALS: ("opensmile",),
    by_speaker.KIND: ("opensmile",),
    smile.DESCRIPTORS: ("opensmile",),
    encoder.KIND: ("transformers",),
    IMPORTED: ("transformers",),
}
"""Packages that compute them, or a published model's predictions, beyond those that every system needs."""


@dataclass(frozen=True)
class Kind:
    """Features that are computed from each waveform by itself."""

    name: str
    identity: str
    shape: tuple[int, ...]
    compute: Callable[[Waveform], Frames]
    type: str = "<f4"
    takes_one_core: bool = False
    """Whether several processes compute it sooner; `compute` is then a function of a module."""


def measured(name: str) -> Kind:
    """Return the kind of that name, which openSMILE computes.

    Raises:
        AttuneError: openSMILE is not installed.
    """
    compute = {smile.FUNCTIONALS: smile.functionals, smile.DESCRIPTORS: smile.descriptors}[name]
    return Kind(name, smile.identity(name), (smile.COUNTS[name],), compute, takes_one_core=True)
