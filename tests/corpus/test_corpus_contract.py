"""What a corpus says of itself travels in a file; its audio is found again through it."""

import pandas as pd
import pytest
from reading import IEMOCAP

from attune.artifacts.utterances import ABOUT
from attune.corpus.contract import Rating, Utterance, read_about, write_about
from attune.corpus.rows import RatingRows, rating_table, utterance_table
from attune.errors import AttuneError
from attune.storage import sums


def test_what_a_corpus_says_of_itself_is_read_as_it_was_written(tmp_path):
    about = IEMOCAP.model_copy(update={"sessions": (1, "the pilot"), "audio_folder": "a/ü"})
    write_about(about, tmp_path)
    assert read_about(tmp_path) == about


@pytest.mark.parametrize("text", ["", "[]", '{"kind": "iemocap"}', '{"kind": "iemocap", "name": "x", "colour": 1}'])
def test_a_damaged_file_is_named_with_the_step_to_run(tmp_path, text):
    (tmp_path / ABOUT).write_text(text)
    sums.enter(tmp_path / ABOUT)
    with pytest.raises(AttuneError, match=rf"{ABOUT}: .*\n  Run `attune corpus` again"):
        read_about(tmp_path)


def test_tables_are_sorted_and_typed_even_where_nothing_is_known():
    rows = [Utterance(name, "d", 1, "s", "F", "improvised") for name in ("b", "a")]
    table = utterance_table(rows)
    assert table["utterance"].tolist() == ["a", "b"]
    assert str(table["transcript"].dtype) == "str"
    ratings = ["utterance", "rater", "kind", "self_report", "arousal", "valence", "dominance", "category", "comment"]
    assert rating_table([]).columns.tolist() == ratings
    assert rating_table([], ["tension"]).columns.tolist()[4:6] == ["tension", "category"]


def test_ratings_that_are_gathered_piece_by_piece_are_the_same_table(monkeypatch):
    monkeypatch.setattr("attune.corpus.rows._AT_ONCE", 3)
    rows = [
        Rating(f"u{9 - number % 4}", f"E{number}", kind, False, {"arousal": float(number)}, None, None)
        for number in range(10)
        for kind in ("dimensional", "categorical")
    ]
    gathered = RatingRows()
    for row in rows:
        gathered.add([row])
    pd.testing.assert_frame_equal(gathered.table(), rating_table(rows))
    pd.testing.assert_frame_equal(RatingRows().table(), rating_table([]))
