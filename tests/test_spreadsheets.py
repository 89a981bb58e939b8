import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.artifacts.evaluation import GROUPS
from attune.serving import score_tables
from attune.spreadsheets import harmless, plain, write


@given(st.lists(st.text(max_size=5) | st.none(), min_size=1, max_size=5))
def test_no_text_begins_like_a_formula_and_nothing_else_is_changed(cells):
    table = pd.DataFrame({"text": pd.Series(cells, dtype=object), "number": np.arange(len(cells)) - 1.5})
    made = harmless(table)
    pd.testing.assert_series_equal(made["number"], table["number"])
    for before, after in zip(cells, made["text"], strict=True):
        if isinstance(before, str) and before.lstrip("'")[:1] in tuple("=+-@\t\r\n＝＋－＠"):
            assert after == f"'{before}"
        else:
            assert after == before or before is None


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0.wav", "+1.wav", "-1.wav", "@SUM(1).wav", "\uff1d1.wav"])
def test_a_file_whose_name_is_a_formula_is_a_text_in_the_table_of_scores(tmp_path, name):
    rows = pd.DataFrame({"path": [name, "a.wav"], "arousal": [-1.0, 2.0], "=note": ["x", "y"]})
    score_tables.write(rows, tmp_path / "scores.csv")
    read = pd.read_csv(tmp_path / "scores.csv")
    assert read["path"].tolist() == [f"'{name}", "a.wav"]
    assert read["arousal"].tolist() == [-1.0, 2.0]
    assert read["'=note"].tolist() == ["x", "y"]
    score_tables.write(rows, tmp_path / "scores.parquet")
    assert pd.read_parquet(tmp_path / "scores.parquet")["path"].tolist() == [name, "a.wav"]


@given(st.lists(st.text(st.sampled_from("='-x"), max_size=4), min_size=1, max_size=5))
def test_what_was_made_harmless_can_be_read_as_it_was(cells):
    table = pd.DataFrame({"=text": cells, "number": np.arange(len(cells)) - 1.5})
    pd.testing.assert_frame_equal(plain(harmless(table)), table)


def test_an_artefact_that_people_open_has_no_formula_and_steps_read_what_was_written(tmp_path):
    names = ["=cmd|' /C calc'!A0", "'=1", "-", "Ses01F"]
    table = pd.DataFrame(dict.fromkeys(GROUPS.columns, names) | dict.fromkeys(GROUPS.numbers, (-0.5, 0.1, 0.2, 0.3)))
    GROUPS.write(tmp_path, table)
    cells = pd.read_csv(GROUPS.path(tmp_path))["group"]
    assert not cells.str.startswith(("=", "+", "-", "@")).any()
    pd.testing.assert_frame_equal(GROUPS.read(tmp_path), table, check_dtype=False)


@pytest.mark.parametrize(
    "text", ["cr\rx", "crlf\r\nx", "new\nline", 'it\'s "q"', "a,b;c", " x ", "\u2028", "\x00", "\x1b[31m", "%41"]
)
def test_a_text_stays_in_its_cell_whatever_is_in_it(tmp_path, text):
    write(pd.DataFrame({"path": [text, "b"], text: ["x", None], "n": [1.5, float("nan")]}), tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [["path", text, "n"], [text, "x", "1.5"], ["b", "", ""]]
    if "\0" not in text:
        assert pd.read_csv(tmp_path / "table.csv", lineterminator=None)["path"].tolist() == [text, "b"]
