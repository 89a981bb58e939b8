"""Kinds of features, and what makes them."""

from collections.abc import Callable
from dataclasses import dataclass

from attune.features import by_speaker, encoder, smile
from attune.features.of_systems import OF_SYSTEM as OF_SYSTEM
from attune.features.packed import Frames
from attune.signal import Waveform

NONE = "none"
IMPORTED = "imported"
"""The system of published models, which are registered and not trained."""

PACKAGES = {
    smile.FUNCTIONALS: ("opensmile",),
    by_speaker.KIND: ("opensmile",),
    smile.DESCRIPTORS: ("opensmile",),
    encoder.KIND: ("transformers",),
    IMPORTED: ("transformers",),
}
"""What computes them, or a published model's answers, besides what every system needs."""


@dataclass(frozen=True)
class Kind:
    """Features that are computed of each waveform by itself."""

    name: str
    identity: str
    shape: tuple[int, ...]
    compute: Callable[[Waveform], Frames]
    type: str = "<f4"


def measured(name: str) -> Kind:
    """The features of that name, which openSMILE measures.

    Raises:
        AttuneError: what measures them is not installed.
    """
    compute = {smile.FUNCTIONALS: smile.functionals, smile.DESCRIPTORS: smile.descriptors}[name]
    return Kind(name, smile.identity(name), (smile.COUNTS[name],), compute)
