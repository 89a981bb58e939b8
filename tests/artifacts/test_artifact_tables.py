"""Tables: what their writers refuse, what their readers refuse, and that streaming reads the same rows."""

from dataclasses import replace

import forged
import pandas as pd
import pyarrow.parquet as pq
import pytest

from attune.artifacts.tables import NUMBER, TEXT, WHOLE, Table
from attune.artifacts.text_tables import TextTable
from attune.errors import AttuneError

TABLE = Table("rows.parquet", "made", {"name": TEXT, "value": NUMBER, "n": WHOLE})
CSV = TextTable("rows.csv", "made", ("name", "value"))
ROWS = pd.DataFrame({"name": ["a", "b", None], "value": [0.1, 1 / 3, float("nan")], "n": [1, 2, 3]})


def test_rows_come_back_as_they_were_written(tmp_path):
    TABLE.write(tmp_path, ROWS)
    pd.testing.assert_frame_equal(TABLE.read(tmp_path), ROWS, check_dtype=False)
    assert list(TABLE.read(tmp_path, "n").columns) == ["n"]


def test_streamed_rows_are_the_rows(tmp_path):
    with TABLE.writing(tmp_path) as rows:
        for row in ROWS.astype(object).where(ROWS.notna(), None).to_dict("records"):
            rows.add([row])
    batches = list(TABLE.batches(tmp_path, "name", "value", rows=2))
    assert [len(batch) for batch in batches] == [2, 1]
    assert [name for batch in batches for name in batch["name"].to_pylist()] == ["a", "b", None]
    pd.testing.assert_frame_equal(TABLE.read(tmp_path), ROWS, check_dtype=False)


def test_pages_carry_checksums(tmp_path):
    TABLE.write(tmp_path, ROWS)
    path = tmp_path / "rows.parquet"
    content = bytearray(path.read_bytes())
    column = pq.read_metadata(path).row_group(0).column(1)
    content[column.dictionary_page_offset + column.total_compressed_size - 1] ^= 1
    path.write_bytes(content)
    with pytest.raises(OSError, match=r"(?i)crc|checksum"):
        pq.read_table(path, page_checksum_verification=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="n"), "no column 'n'"),
        (lambda t: t.assign(value="much"), "would not have the columns it should have"),
    ],
)
def test_a_writer_refuses_another_table(tmp_path, change, said):
    with pytest.raises(AttuneError, match=said):
        TABLE.write(tmp_path, change(ROWS))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="n"), r"rows\.parquet: has no column 'n'\n  Run `attune made` again"),
        (lambda t: t.assign(value="much"), r"has .*string in the column 'value', not double"),
    ],
)
def test_a_reader_refuses_another_table_whose_digest_is_right(tmp_path, change, said):
    TABLE.write(tmp_path, ROWS)
    forged.table(tmp_path / "rows.parquet", change)
    with pytest.raises(AttuneError, match=said):
        TABLE.read(tmp_path)
    with pytest.raises(AttuneError, match=said):
        list(TABLE.batches(tmp_path, "value", "n"))


def test_a_reader_refuses_empty_cells_among_whole_numbers(tmp_path):
    TABLE.write(tmp_path, ROWS.assign(n=pd.array([1, None, 3], "Int64")))
    said = r"rows\.parquet: has empty cells in the column 'n'\n  Run `attune made` again"
    with pytest.raises(AttuneError, match=said):
        TABLE.read(tmp_path)
    with pytest.raises(AttuneError, match=said):
        list(TABLE.batches(tmp_path, "name", "n"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ROWS, "has empty cells in the column 'name'"),
        (ROWS.assign(name=list("abc"), value=[1.0, 2.0, float("inf")]), "has empty cells in the column 'value'"),
        (ROWS.assign(name=list("aba"), value=1.0), "has the same cell twice in the column 'name'"),
    ],
)
def test_a_reader_refuses_empty_cells_and_repeated_keys_where_a_table_has_none(tmp_path, rows, said):
    TABLE.write(tmp_path, rows)
    with pytest.raises(AttuneError, match=rf"rows\.parquet: {said}\n  Run `attune made` again"):
        replace(TABLE, filled=("name", "value"), key="name").read(tmp_path)


def test_a_reader_of_csv_refuses_text_among_numbers(tmp_path):
    form = replace(CSV, numbers=("value",))
    form.write(tmp_path, ROWS)
    pd.testing.assert_frame_equal(form.read(tmp_path), ROWS, check_dtype=False)
    form.write(tmp_path, ROWS.head(0))
    assert form.read(tmp_path).empty
    form.write(tmp_path, ROWS.assign(value=["0.1", "much", "0.2"]))
    with pytest.raises(
        AttuneError, match=r"rows\.csv: has text in the column 'value', not numbers\n  Run `attune made`"
    ):
        form.read(tmp_path)


def test_numbers_in_csv_come_back_to_the_last_bit(tmp_path):
    CSV.write(tmp_path, ROWS)
    pd.testing.assert_frame_equal(CSV.read(tmp_path), ROWS, check_dtype=False, check_exact=True)


def test_a_csv_that_lacks_a_column_is_refused_by_writer_and_reader(tmp_path):
    with pytest.raises(AttuneError, match="no column 'value'"):
        CSV.write(tmp_path, ROWS.drop(columns="value"))
    forged.text(tmp_path / "rows.csv", "name\na\n")
    with pytest.raises(AttuneError, match=r"rows\.csv: .*no column 'value'.*\n  Run `attune made` again"):
        CSV.read(tmp_path)


@pytest.mark.parametrize("text", ["", 'a,"b\n1,2'])
def test_what_no_library_can_parse_is_one_message(tmp_path, text):
    forged.text(tmp_path / "rows.csv", text)
    with pytest.raises(AttuneError, match=r"rows\.csv: cannot be read"):
        CSV.read(tmp_path)
    forged.text(tmp_path / "rows.parquet", text)
    with pytest.raises(AttuneError, match=r"rows\.parquet: cannot be read"):
        TABLE.read(tmp_path)
