"""What openSMILE measures: the 88 functionals of eGeMAPS (Eyben et al. 2016) and its 23 low-level descriptors.

openSMILE may be used for research and education alone, so it is an extra of its own and nothing else needs it.
"""

import warnings
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from attune.errors import AttuneError
from attune.features.of_systems import DESCRIPTORS as DESCRIPTORS
from attune.features.of_systems import FUNCTIONALS as FUNCTIONALS
from attune.features.packed import Frames
from attune.signal import SAMPLE_RATE, Waveform

COUNTS = {FUNCTIONALS: 88, DESCRIPTORS: 23}
HOP = SAMPLE_RATE // 100
"""Samples from one frame of descriptors to the next."""

_SETS = {FUNCTIONALS: ("eGeMAPSv02", "func"), DESCRIPTORS: ("eGeMAPSv01b", "lld")}
"""Version 2 of the set has 25 descriptors; the paper's 23 are those of version 1."""


def functionals(waveform: Waveform) -> Frames:
    """The functionals (1, 88) of an utterance (samples,) at 16 kHz; NaN where it is too short for one.

    Raises:
        AttuneError: openSMILE is not installed.
    """
    return _measured(FUNCTIONALS, waveform)


def descriptors(waveform: Waveform) -> Frames:
    """The descriptors (frames, 23) of an utterance (samples,) at 16 kHz, every 10 ms; one frame of zeros if too short.

    Raises:
        AttuneError: openSMILE is not installed.
    """
    found = np.nan_to_num(_measured(DESCRIPTORS, waveform))
    return found if len(found) else np.zeros((1, COUNTS[DESCRIPTORS]), np.float32)


def identity(kind: str) -> str:
    """What decides the values besides the waveform.

    Raises:
        AttuneError: openSMILE is not installed.
    """
    _smile(kind)
    return f"{' '.join(_SETS[kind])} opensmile {metadata.version('opensmile')}"


def _measured(kind: str, waveform: Waveform) -> Frames:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an utterance is too short is said by its missing values
        return _smile(kind).process_signal(waveform, SAMPLE_RATE).to_numpy(np.float32)


@cache
def _smile(kind: str) -> Any:
    try:
        import opensmile
    except ImportError:
        raise AttuneError(
            "eGeMAPS features need openSMILE, which is not installed",
            where="opensmile",
            remedy="pip install 'attune-speech[egemaps]' (for research and education: see its licence), or remove "
            "egemaps-svm, egemaps-svm-transductive and lld-rnn from `systems`.",
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is a second version of the set
        return opensmile.Smile(*_SETS[kind])
