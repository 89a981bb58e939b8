"""What openSMILE measures: its own numbers, and one clear message where it is missing."""

import sys

import needs
import numpy as np
import pytest

from attune.errors import AttuneError
from attune.features import smile


def noise(samples: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, samples).astype(np.float32)


@pytest.fixture
def without_opensmile(monkeypatch):
    smile._smile.cache_clear()
    monkeypatch.setitem(sys.modules, "opensmile", None)
    yield
    smile._smile.cache_clear()


def test_functionals_are_the_88_that_opensmile_gives():
    opensmile = needs.package("opensmile")
    theirs = opensmile.Smile("eGeMAPSv02", "func").process_signal(noise(8000), 16000)
    assert smile.functionals(noise(8000)).shape == (1, 88)
    np.testing.assert_allclose(smile.functionals(noise(8000)), theirs.to_numpy())


def test_descriptors_are_23_every_10_ms_and_those_of_silence_and_short_sounds_are_numbers():
    needs.package("opensmile")
    found = smile.descriptors(noise(16000))
    assert found.shape[1] == 23
    assert abs(len(found) - 100) < 10
    for waveform in (np.zeros(16000, np.float32), noise(100)):
        found = smile.descriptors(waveform)
        assert len(found) >= 1
        assert np.isfinite(found).all()


@pytest.mark.parametrize("measure", [smile.functionals, smile.descriptors])
def test_without_opensmile_one_message_says_how_to_install_it_or_do_without(without_opensmile, measure):
    with pytest.raises(AttuneError, match=r"not installed(.|\n)*attune-speech\[egemaps\](.|\n)*lld-rnn from"):
        measure(noise(8000))
