"""openSMILE features: the 88 functionals of eGeMAPS (Eyben et al. 2016) and its 23 low-level descriptors.

openSMILE is licensed for research and education only, so it is a separate extra that nothing else needs.
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
"""Hop between frames of descriptors, in samples."""

_SETS = {FUNCTIONALS: ("eGeMAPSv02", "func"), DESCRIPTORS: ("eGeMAPSv01b", "lld")}
"""Version 2 of the set has 25 descriptors; the paper's 23 are in version 1."""


def functionals(waveform: Waveform) -> Frames:
    """Return the functionals (1, 88) of an utterance (samples,) at 16 kHz; NaN where it is too short for one.

    Raises:
        AttuneError: openSMILE is not installed.
    """
    return _measured(FUNCTIONALS, waveform)


def descriptors(waveform: Waveform) -> Frames:
    """Return the descriptors (frames, 23), one frame per 10 ms, of an utterance (samples,) at 16 kHz.

    An utterance that is too short has one frame of zeros.

    Raises:
        AttuneError: openSMILE is not installed.
    """
    found = np.nan_to_num(_measured(DESCRIPTORS, waveform))
    return found if len(found) else np.zeros((1, COUNTS[DESCRIPTORS]), np.float32)


def identity(kind: str) -> str:
    """Return what determines the values besides the waveform.

    Raises:
        AttuneError: openSMILE is not installed.
    """
    _smile(kind)
    return f"{' '.join(_SETS[kind])} opensmile {metadata.version('opensmile')}"


def _measured(kind: str, waveform: Waveform) -> Frames:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # missing values already show that an utterance is too short
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
        warnings.simplefilter("ignore")  # the warning that the set has a second version
        return opensmile.Smile(*_SETS[kind])
