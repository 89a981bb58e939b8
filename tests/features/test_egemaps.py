"""The 88 functionals: openSMILE's own, kept beside the waveforms, and one clear message where something is missing."""

import sys

import numpy as np
import pytest

from attune.errors import AttuneError
from attune.features import egemaps


def noise(samples: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, samples).astype(np.float32)


@pytest.fixture
def without_opensmile(monkeypatch):
    egemaps._smile.cache_clear()
    monkeypatch.setitem(sys.modules, "opensmile", None)
    yield
    egemaps._smile.cache_clear()


def test_they_are_what_opensmile_gives(tmp_path):
    opensmile = pytest.importorskip("opensmile")
    sounds = {name: noise(8000, seed) for seed, name in enumerate("cab")}
    egemaps.write(tmp_path, egemaps.table(sounds.items()))
    theirs = opensmile.Smile("eGeMAPSv02", "func")
    expected = [theirs.process_signal(sounds[name], 16000).to_numpy()[0] for name in ("b", "c")]
    np.testing.assert_allclose(egemaps.read(tmp_path, ["b", "c"]), expected)


def test_without_opensmile_one_message_says_how_to_install_it_or_do_without(without_opensmile):
    with pytest.raises(AttuneError, match=r"not installed(.|\n)*attune-speech\[egemaps\](.|\n)*egemaps-svm out of"):
        egemaps.functionals(noise(8000))


def test_a_store_without_features_says_how_to_compute_them(tmp_path):
    with pytest.raises(AttuneError, match=r"no eGeMAPS features(.|\n)*preprocess\.features"):
        egemaps.read(tmp_path, ["a"])


def test_a_damaged_table_and_one_that_lacks_an_utterance_are_refused(tmp_path):
    import pandas as pd

    names = [f"f{number}" for number in range(egemaps.COUNT)]
    egemaps.write(tmp_path, pd.DataFrame([["a", *range(88)]], columns=["utterance", *names]))
    assert egemaps.read(tmp_path, ["a"]).tolist() == [list(range(88))]
    with pytest.raises(AttuneError, match="no features of b"):
        egemaps.read(tmp_path, ["a", "b"])
    (tmp_path / egemaps.FILE).write_bytes(b"PAR1 and no more")
    with pytest.raises(AttuneError, match="damaged"):
        egemaps.read(tmp_path, ["a"])
