"""The step `features`: once for all folds, kept where it is there, resumed where it was interrupted."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import needs
import numpy as np
import pandas as pd
import pytest
import toy_partitions
import utterance_tables

from attune import machine
from attune.errors import AttuneError
from attune.features import computing, kinds, smile
from attune.features.packed import Packed
from attune.params import Params
from attune.steps import features
from attune.storage import sums
from attune.waveform.store import Store


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    toy_partitions.write(folder)
    return folder


@pytest.fixture
def counted(monkeypatch):
    """A stand-in for openSMILE that counts what it is asked for: mean and extremes of the waveform, 88 times."""
    asked: list[int] = []

    def compute(waveform):
        asked.append(len(waveform))
        return np.resize([waveform.mean(), waveform.max(), waveform.min()], (1, 88)).astype(np.float32)

    monkeypatch.setattr(kinds, "measured", lambda name: kinds.Kind(name, "toy", (88,), compute))
    monkeypatch.setattr(computing, "PART", 4)
    return asked


def run(data, out, *systems):
    params = Params.model_validate({"systems": list(systems)})
    places = {"validated": data / "validated", "store": data / "store"}
    features.run(params.only(features.READS), checkpoints=out / "checkpoints", out=out / "features", **places)


def test_a_system_gets_its_features_and_one_that_hears_the_waveform_a_note(data, counted, tmp_path):
    run(data, tmp_path, "mtl-att", "egemaps-svm")
    store, found = Store(data / "store"), Packed(tmp_path / "features/egemaps-svm")
    assert list(found) == list(store.index.index)
    for name in found:
        assert found[name][0, 0] == pytest.approx(store[name].mean(), abs=1e-6)
    assert [path.name for path in (tmp_path / "features/mtl-att").iterdir() if path.suffix == ".json"] == ["about.json"]
    assert not (tmp_path / "checkpoints/features").exists()


def test_two_at_once_compute_them_once(data, counted, tmp_path, capsys):
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run, data, tmp_path, "egemaps-svm") for _ in range(2)]:
            done.result()
    assert len(counted) == len(Store(data / "store").index)
    assert "waiting for another process" in capsys.readouterr().err


def test_what_is_there_is_kept_for_other_systems_too_and_the_bytes_are_the_same(data, counted, tmp_path):
    run(data, tmp_path / "1", "egemaps-svm")
    first = len(counted)
    assert first == len(Store(data / "store").index)
    run(data, tmp_path / "1", "mtl-att", "egemaps-svm", "egemaps-svm-transductive")
    assert len(counted) == first
    run(data, tmp_path / "2", "mtl-att", "egemaps-svm", "egemaps-svm-transductive")
    for path in (tmp_path / "1/features").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "2" / path.relative_to(tmp_path / "1")).read_bytes()


def test_several_processes_write_the_same_bytes(data, tmp_path, monkeypatch):
    needs.package("opensmile")
    monkeypatch.setattr(computing, "PART", 7)
    run(data, tmp_path / "1", "egemaps-svm")
    monkeypatch.setattr(computing, "_SECONDS_EACH", 1.0)
    monkeypatch.setattr(machine, "cores", lambda: 2)
    entered = []
    monkeypatch.setattr(sums, "enter", lambda path, enter=sums.enter: (entered.append(path.name), enter(path)))
    run(data, tmp_path / "2", "egemaps-svm")
    assert entered == [*(f"part-0000{n}.parquet" for n in range(5)), "about.json"], "two processes would lose entries"
    written = sorted((tmp_path / "2/features/egemaps-svm").iterdir())
    assert len(written) == 12
    for path in written:
        assert path.read_bytes() == (tmp_path / "1/features/egemaps-svm" / path.name).read_bytes(), path


def test_without_speakers_nothing_can_be_standardised_by_them(data, counted, tmp_path):
    shutil.copytree(data / "validated", tmp_path / "validated")
    table = pd.read_parquet(data / "validated/utterances.parquet")
    utterance_tables.write_accepted(tmp_path / "validated", table.assign(speaker=table["utterance"]))
    (tmp_path / "store").symlink_to(data / "store")
    with pytest.raises(AttuneError, match="no speaker has two utterances"):
        run(tmp_path, tmp_path, "egemaps-svm-transductive")


def test_the_transductive_features_have_mean_0_for_every_speaker(data, counted, tmp_path):
    run(data, tmp_path, "egemaps-svm-transductive")
    found = Packed(tmp_path / "features/egemaps-svm-transductive")
    table = pd.read_parquet(data / "validated/utterances.parquet").set_index("utterance")
    means = pd.DataFrame({name: found[name][0] for name in found}).T.groupby(table["speaker"]).mean()
    np.testing.assert_allclose(means, 0, atol=1e-5)


def test_an_interrupted_run_goes_on_and_ends_with_the_same_bytes(data, counted, tmp_path, monkeypatch):
    compute = kinds.measured("egemaps").compute

    def interrupted(waveform):
        if len(counted) == 10:
            raise KeyboardInterrupt
        return compute(waveform)

    with monkeypatch.context() as patch:
        patch.setattr(kinds, "measured", lambda name: kinds.Kind(name, "toy", (88,), interrupted))
        with pytest.raises(KeyboardInterrupt):
            run(data, tmp_path / "1", "egemaps-svm")
    assert not (tmp_path / "1/features").exists()
    run(data, tmp_path / "1", "egemaps-svm")
    assert len(counted) == 10 + 30 - 8  # two whole parts of four were there
    run(data, tmp_path / "2", "egemaps-svm")
    for path in (tmp_path / "2/features/egemaps-svm").iterdir():
        assert path.read_bytes() == (tmp_path / "1/features/egemaps-svm" / path.name).read_bytes()


def test_features_of_other_waveforms_are_not_kept(data, counted, tmp_path):
    run(data, tmp_path, "egemaps-svm")
    other = tmp_path / "other"
    shutil.copytree(data / "validated", other / "validated")
    toy_partitions.pack_louder(data / "store", other / "store")
    before = len(counted)
    run(other, tmp_path, "egemaps-svm")
    assert len(counted) == 2 * before


def test_without_opensmile_nothing_is_written(data, tmp_path, monkeypatch):
    smile._smile.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "opensmile", None)
    with pytest.raises(AttuneError, match="openSMILE, which is not installed"):
        run(data, tmp_path, "mtl-att", "egemaps-svm")
    assert not (tmp_path / "features").exists()
    smile._smile.cache_clear()
