"""The store gives back what was packed, says what it lacks, and its statistics are those of the samples."""

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attune.cli import app
from attune.errors import AttuneError
from attune.storage import sums
from attune.waveform import verification
from attune.waveform.store import Store, pack

PCM = arrays(np.int16, st.integers(1, 300))
CORPUS = st.lists(PCM, min_size=1, max_size=8)
FRESH_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50
)


def packed(folder: Path, waveforms: list[np.ndarray], shard_seconds: float = 1.0, sample_rate: int = 500) -> Store:
    for old in folder.iterdir():
        old.unlink()
    pack(folder, named(waveforms).items(), sample_rate=sample_rate, shard_seconds=shard_seconds)
    return Store(folder)


def named(waveforms: list[np.ndarray]) -> dict[str, np.ndarray]:
    return {f"u{number}": waveform for number, waveform in enumerate(waveforms)}


@pytest.fixture
def three(tmp_path) -> Store:
    return packed(tmp_path, [np.full(200, 1, np.int16), np.full(200, -2, np.int16), np.full(200, 3, np.int16)])


@FRESH_FOLDER
@given(waveforms=CORPUS)
def test_what_was_packed_is_read_back(tmp_path, waveforms):
    store = packed(tmp_path, waveforms)
    assert list(store.index.index) == list(named(waveforms))
    assert store.sample_rate == 500
    for name, pcm in named(waveforms).items():
        np.testing.assert_array_equal(store.pcm(name), pcm)
        assert store[name].dtype == np.float32
        np.testing.assert_array_equal(store[name], pcm / 32768)


@FRESH_FOLDER
@given(waveforms=CORPUS)
def test_shards_hold_the_utterances_one_after_the_other_and_no_more_than_allowed(tmp_path, waveforms):
    store = packed(tmp_path, waveforms)
    for shard, rows in store.index.groupby("shard"):
        raw = np.fromfile(tmp_path / f"shard-{shard:04d}.i16", "<i2")
        np.testing.assert_array_equal(raw, np.concatenate([named(waveforms)[name] for name in rows.index]))
        assert list(rows["offset"]) == [0, *np.cumsum(rows["samples"])[:-1]]
        assert len(raw) <= 500
    assert list(store.index["shard"].unique()) == list(range(store.index["shard"].max() + 1))


@FRESH_FOLDER
@given(waveforms=CORPUS.filter(lambda many: len(np.unique(np.concatenate(many))) > 1))
def test_statistics_are_those_of_the_samples_put_together(tmp_path, waveforms):
    together = np.concatenate(waveforms).astype(np.float64) / 32768
    mean, std = packed(tmp_path, waveforms).statistics(named(waveforms))
    assert mean == pytest.approx(together.mean(), abs=1e-12)
    assert std == pytest.approx(together.std(), rel=1e-9, abs=1e-12)


def test_statistics_are_of_the_utterances_named_only(three):
    assert three.statistics(["u0", "u2"]) == pytest.approx((2 / 32768, 1 / 32768))


def test_statistics_are_exact_where_sums_pass_the_range_of_int64(tmp_path):
    packed(tmp_path, [np.ones(4, np.int16)])
    schema = pq.read_schema(tmp_path / "index.parquet")
    loud = {"shard": 0, "offset": 0, "samples": 4, "sum": 0, "sum_squares": 2**62, "crc32": 0}
    rows = [{"utterance": f"u{number}", **loud} for number in range(10)]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), tmp_path / "index.parquet")
    sums.enter(tmp_path / "index.parquet")
    store = Store(tmp_path)
    assert store.statistics(store.index.index) == (0.0, 2**30 / 32768)


def test_an_utterance_longer_than_a_shard_has_one_to_itself(tmp_path):
    store = packed(tmp_path, [np.ones(n, np.int16) for n in (10, 900, 10)])
    assert list(store.index["shard"]) == [0, 1, 2]


def test_the_same_waveforms_give_the_same_bytes(tmp_path):
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        packed(tmp_path / name, [np.arange(400, dtype=np.int16)] * 3)
        contents.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert contents[0] == contents[1]


def test_a_store_can_be_sent_to_another_process(three):
    again = pickle.loads(pickle.dumps(three))
    np.testing.assert_array_equal(again.pcm("u1"), three.pcm("u1"))
    assert len(pickle.dumps(three)) < 1000


def test_stored_samples_cannot_be_written_to(three):
    with pytest.raises(ValueError, match="read-only"):
        three.pcm("u0")[0] = 5


def test_an_unknown_utterance_is_named(three):
    with pytest.raises(AttuneError, match="no utterance 'u9' in the store of 3"):
        three["u9"]
    with pytest.raises(AttuneError, match="u9"):
        three.statistics(["u0", "u9"])


def test_statistics_of_nothing_and_of_silence_are_refused(three):
    with pytest.raises(AttuneError, match="no utterance at all"):
        three.statistics([])
    with pytest.raises(AttuneError, match="cannot be standardised"):
        three.statistics(["u1"])


def test_a_folder_without_index_is_no_store(tmp_path):
    with pytest.raises(AttuneError, match=r"index\.parquet: no such file\n  Run `attune"):
        Store(tmp_path)


def test_a_damaged_index_is_named(three):
    path = three.folder / "index.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(AttuneError, match=r"index\.parquet: is damaged"):
        Store(three.folder)


def test_another_table_is_not_taken_for_an_index(three):
    pq.write_table(pa.table({"utterance": ["u0"], "samples": [1]}), three.folder / "index.parquet")
    sums.enter(three.folder / "index.parquet")
    with pytest.raises(AttuneError, match="is not the index of a waveform store"):
        Store(three.folder)


@pytest.mark.parametrize("column", ["utterance", "shard", "samples"])
def test_an_index_with_an_empty_cell_is_refused_by_name(three, column):
    path = three.folder / "index.parquet"
    index = pq.read_table(path)
    at = index.schema.get_field_index(column)
    pq.write_table(
        index.set_column(at, index.schema.field(at), pa.nulls(len(index), index.schema.field(at).type)), path
    )
    sums.enter(path)
    with pytest.raises(AttuneError, match=r"index\.parquet: has empty cells(.|\n)*attune preprocess"):
        Store(three.folder)


@pytest.mark.parametrize("bit", [0, 7, 15])
def test_a_bit_that_flips_in_a_shard_is_noticed_by_whoever_reads_it_and_by_no_other(three, bit):
    shard = three.folder / "shard-0000.i16"
    content = bytearray(shard.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    shard.write_bytes(content)
    store = Store(three.folder)
    with pytest.raises(AttuneError, match=r"shard-0000\.i16: is damaged: the samples of u0 (.|\n)*attune preprocess"):
        store["u0"]
    assert len(store["u1"]) == store.samples("u1")


@pytest.mark.parametrize("change", [-2, -1, +2])
def test_a_shard_of_another_size_is_named_before_anything_is_read(three, change):
    shard = three.folder / "shard-0000.i16"
    size = shard.stat().st_size
    with shard.open("r+b") as file:
        file.truncate(size + change)
    with pytest.raises(AttuneError, match=rf"shard-0000\.i16: is truncated .*: {size + change} bytes .* {size}"):
        Store(three.folder)


def test_a_missing_shard_is_named(three):
    (three.folder / "shard-0001.i16").unlink()
    with pytest.raises(AttuneError, match=r"shard-0001\.i16: this shard of the waveform store is missing"):
        Store(three.folder)


def test_an_utterance_cannot_be_packed_twice_or_without_samples(tmp_path):
    twice = [("u0", np.ones(3, np.int16)), ("u0", np.ones(3, np.int16))]
    with pytest.raises(AttuneError, match="u0 is given twice"):
        pack(tmp_path, twice, sample_rate=500)
    with pytest.raises(AttuneError, match="u1 has no samples"):
        pack(tmp_path, [("u1", np.empty(0, np.int16))], sample_rate=500)


def test_an_empty_store_can_be_written_and_read(tmp_path):
    assert packed(tmp_path, []).index.empty


def test_verifying_reads_every_sample_and_names_every_utterance_that_is_damaged(three):
    assert verification.damaged(three) == []
    shard = three.folder / "shard-0000.i16"
    content = bytearray(shard.read_bytes())
    content[2 * 150] ^= 1
    content[2 * 250] ^= 1
    shard.write_bytes(content)
    found = verification.damaged(Store(three.folder))
    assert [(one.utterance, one.shard, one.why) for one in found] == [
        ("u0", shard, "not what was stored"), ("u1", shard, "not what was stored")
    ]  # fmt: skip
    shard.rename(three.folder / "elsewhere")
    assert {one.why for one in verification.damaged(three) if one.shard == shard} == {
        "cannot be read (No such file or directory)"
    }


def test_store_verify_says_that_all_is_well_or_what_is_not(three):
    well = CliRunner().invoke(app, ["store", "verify", str(three.folder)])
    assert (well.exit_code, "3 utterances, 0.00 h, every sample as it was stored" in well.output) == (0, True)
    shard = three.folder / "shard-0001.i16"
    shard.write_bytes(bytes(len(shard.read_bytes())))
    broken = CliRunner().invoke(app, ["store", "verify", str(three.folder)])
    assert "shard-0001.i16: u2: not what was stored" in broken.output
    assert "1 of 3 utterances are damaged" in str(broken.exception)
