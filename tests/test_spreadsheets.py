import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.serving import score_tables
from attune.spreadsheets import harmless


@given(st.lists(st.text(max_size=5) | st.none(), min_size=1, max_size=5))
def test_no_text_begins_like_a_formula_and_nothing_else_is_changed(cells):
    table = pd.DataFrame({"text": pd.Series(cells, dtype=object), "number": np.arange(len(cells)) - 1.5})
    made = harmless(table)
    pd.testing.assert_series_equal(made["number"], table["number"])
    for before, after in zip(cells, made["text"], strict=True):
        if isinstance(before, str) and before[:1] in tuple("=+-@\t\r"):
            assert after == f"'{before}"
        else:
            assert after == before or before is None


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0.wav", "+1.wav", "-1.wav", "@SUM(1).wav"])
def test_a_file_whose_name_is_a_formula_is_a_text_in_the_table_of_scores(tmp_path, name):
    rows = pd.DataFrame({"path": [name, "a.wav"], "arousal": [-1.0, 2.0], "=note": ["x", "y"]})
    score_tables.write(rows, tmp_path / "scores.csv")
    read = pd.read_csv(tmp_path / "scores.csv")
    assert read["path"].tolist() == [f"'{name}", "a.wav"]
    assert read["arousal"].tolist() == [-1.0, 2.0]
    assert read["'=note"].tolist() == ["x", "y"]
    score_tables.write(rows, tmp_path / "scores.parquet")
    assert pd.read_parquet(tmp_path / "scores.parquet")["path"].tolist() == [name, "a.wav"]
