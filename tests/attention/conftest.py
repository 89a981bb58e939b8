"""Sixty utterances with energy and a cue each."""

import numpy as np
import pytest
from planted import UTTERANCES

from attune.attention.measures import Heard


@pytest.fixture(scope="module")
def heard():
    rng = np.random.default_rng(1)
    known = {}
    for utterance in UTTERANCES:
        windows = int(rng.integers(40, 90))
        first = int(rng.integers(0, windows // 2))
        cue = np.zeros(windows, dtype=bool)
        cue[first : first + windows // 3] = True
        known[utterance] = Heard(np.convolve(rng.normal(size=windows + 7), np.ones(8), mode="valid"), cue)
    return known
