"""The step `preprocess`: every accepted utterance in the store, or no store."""

import sys
from pathlib import Path

import forged
import needs
import numpy as np
import pandas as pd
import pytest
import soundfile
import tiny_corpus
import tiny_disk
import utterance_tables
from scipy.signal import resample_poly

from attune.cli import main
from attune.errors import AttuneError
from attune.params import Params
from attune.steps import preprocess
from attune.waveform import store as store_module
from attune.waveform.store import Store


@pytest.fixture
def paths(tmp_path) -> dict[str, Path]:
    """A corpus whose first ten utterances were accepted, listed backwards."""
    corpus, root = tiny_corpus.write(tmp_path)
    validated = tmp_path / "validated"
    validated.mkdir()
    accepted = pd.read_parquet(corpus / "utterances.parquet")[:10]
    utterance_tables.write_accepted(validated, accepted.iloc[::-1])
    return {"corpus": corpus, "root": root, "validated": validated, "out": tmp_path / "store"}


def run(paths: dict[str, Path], **settings: float) -> Store:
    preprocess.run(Params.model_validate({"preprocess": settings}), **paths)
    return Store(paths["out"])


def test_accepted_utterances_are_stored_sample_for_sample(paths, capsys):
    store = run(paths)
    accepted = pd.read_parquet(paths["validated"] / "utterances.parquet").sort_values("utterance")
    assert list(store.index.index) == list(accepted["utterance"])
    assert store.sample_rate == 16000
    for utterance, audio in zip(accepted["utterance"], accepted["audio"], strict=True):
        pcm, _ = soundfile.read(paths["root"] / audio, dtype="int16")
        np.testing.assert_array_equal(store.pcm(utterance), pcm)
    assert "10 utterances, 0.0 minutes at 16000 Hz, 1 shard" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rate", "channels", "container", "coding"),
    [(44100, 2, "FLAC", "PCM_16"), (8000, 1, "WAV", "PCM_16"), (48000, 2, "WAV", "PCM_24")],
)
def test_other_recordings_are_mixed_down_and_resampled(paths, rate, channels, container, coding):
    tones = [0.4 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate) for hertz in (300, 700)][:channels]
    audio = paths["root"] / tiny_corpus.first(paths["corpus"])[0]
    soundfile.write(audio, np.stack(tones, axis=1), rate, format=container, subtype=coding)
    tiny_corpus.list_recordings(paths["corpus"], paths["root"])
    waveform = run(paths)["Ses01F_impro01_F000"]
    assert waveform.shape == (16000,)
    divisor = np.gcd(rate, 16000)
    expected = resample_poly(np.mean(tones, axis=0), 16000 // divisor, rate // divisor)
    np.testing.assert_allclose(waveform[1000:-1000], expected[1000:-1000], atol=1e-3)


def test_rate_and_length_of_shards_are_parameters(paths):
    store = run(paths, sample_rate=8000, shard_seconds=0.6)
    assert store.sample_rate == 8000
    assert set(store.index["samples"]) == {2000}
    assert list(store.index["shard"]) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_running_again_gives_the_same_bytes(paths):
    run(paths)
    before = tiny_corpus.contents(paths["out"])
    run(paths)
    assert tiny_corpus.contents(paths["out"]) == before


@pytest.mark.parametrize(
    ("listed", "what"), [(False, "is not the recording that `attune corpus` found"), (True, "is truncated")]
)
def test_a_file_that_changed_since_validation_is_named_and_the_store_of_before_stays(paths, listed, what):
    run(paths)
    before = tiny_corpus.contents(paths["out"])
    broken = paths["root"] / tiny_corpus.first(paths["corpus"], 7)[6]
    broken.write_bytes(broken.read_bytes()[:1000])
    if listed:
        tiny_corpus.list_recordings(paths["corpus"], paths["root"])
    with pytest.raises(AttuneError, match=rf"Ses01F_impro01_M001\.wav: {what}"):
        run(paths)
    assert tiny_corpus.contents(paths["out"]) == before
    assert leftovers(paths) == []


def test_of_a_recording_gone_since_validation_the_steps_to_run_again_are_named(paths):
    (paths["root"] / tiny_corpus.first(paths["corpus"], 7)[6]).unlink()
    with pytest.raises(AttuneError, match=r"Ses01F_impro01_M001\.wav: no such audio file\n.*`attune validate`, again"):
        run(paths)


@pytest.mark.parametrize("full", ["shard", "index"])
def test_a_full_disk_ends_in_one_message_and_leaves_no_store(paths, monkeypatch, capsys, tmp_path, full):
    Path("/dev/full").exists() or needs.missing("no /dev/full on this system")
    fill_the_disk(monkeypatch, full, tmp_path / "full")
    options = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
    monkeypatch.setattr(sys, "argv", ["attune", "preprocess", "--params", "{}", *options])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "the disk is full" in capsys.readouterr().err
    assert not paths["out"].exists()
    assert leftovers(paths) == []
    assert Path("/dev/full").is_char_device()


def test_a_disk_that_is_too_small_is_left_empty_and_the_next_run_packs_the_store(paths, monkeypatch, capsys, tmp_path):
    with tiny_disk.mounted(tmp_path / "disk", "16k") as disk:
        paths["out"] = disk / "store"
        options = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
        monkeypatch.setattr(sys, "argv", ["attune", "preprocess", "--params", "{}", *options])
        with pytest.raises(SystemExit):
            main()
        assert "the disk is full" in capsys.readouterr().err
        assert list(disk.iterdir()) == []
        tiny_disk.resize(disk, "8m")
        assert len(run(paths).index) == 10


def test_without_a_table_of_accepted_utterances_the_step_to_run_is_named(paths):
    table = paths["validated"] / "utterances.parquet"
    forged.text(table, "no table")
    with pytest.raises(AttuneError, match=r"utterances\.parquet: .*\n  Run `attune validate` again"):
        run(paths)
    table.unlink()
    with pytest.raises(AttuneError, match=r"utterances\.parquet: .*\n  Run `attune validate` first"):
        run(paths)


def fill_the_disk(monkeypatch: pytest.MonkeyPatch, what: str, full: Path) -> None:
    """Let the first shard or the index be `full`, a link to /dev/full, where every write fails as on a full disk.

    A link, for pyarrow removes what it failed to write: as root the device itself.
    """
    full.symlink_to("/dev/full")
    if what == "shard":
        monkeypatch.setattr(store_module, "shard_path", lambda folder, number: full)
    else:
        write = store_module.pq.write_table
        monkeypatch.setattr(store_module.pq, "write_table", lambda table, path, **_: write(table, str(full)))


def leftovers(paths: dict[str, Path]) -> list[Path]:
    return [path for path in paths["out"].parent.iterdir() if path.name.startswith(".")]
