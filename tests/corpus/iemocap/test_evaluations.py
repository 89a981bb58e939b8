import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.corpus.iemocap.evaluations import read
from attune.errors import AttuneError

SUMMARY = "[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 3.0000, 4.5000]"


@pytest.fixture
def read_text(tmp_path):
    def reading(text):
        path = tmp_path / "Ses01F_impro01.txt"
        path.write_bytes(text.encode())
        labels = read(path)
        assert not labels.unreadable
        assert not labels.passed_over
        return [block.summary for block in labels.blocks], [one for block in labels.blocks for one in block.ratings]

    return reading


def test_a_summary_holds_valence_then_arousal_then_dominance(read_text):
    [summary], _ = read_text(SUMMARY)
    assert (summary.valence, summary.arousal, summary.dominance) == (2.5, 3.0, 4.5)
    assert (summary.start, summary.end) == (6.2901, 8.2357)
    assert (summary.utterance, summary.category, summary.line) == ("Ses01F_impro01_F000", "neu", 1)


def test_a_dimensional_row_names_its_values(read_text):
    _, [rating] = read_text(f"{SUMMARY}\nA-E3:\tval 1; act 2; dom  3;\t()")
    assert rating.ratings == {"valence": 1, "arousal": 2, "dominance": 3}
    assert (rating.rater, rating.kind, rating.self_report) == ("E3", "dimensional", False)
    assert rating.category is None
    assert rating.comment is None


@pytest.mark.parametrize(
    ("row", "category", "comment"),
    [
        ("C-E2:\tNeutral;\t()", "Neutral", None),
        ("C-E2:\tFrustration; Anger;\t()", "Frustration; Anger", None),
        ("C-E2:\tOther;\t(a bit; (really) tired)", "Other", "a bit; (really) tired"),
        ("C-E2:\t;\t()", None, None),
        ("C-E2:\tNeutral;", "Neutral", None),
    ],
)
def test_a_categorical_row_keeps_its_words(read_text, row, category, comment):
    _, [rating] = read_text(f"{SUMMARY}\n{row}")
    assert (rating.kind, rating.category, rating.comment) == ("categorical", category, comment)
    assert rating.ratings == {}


def test_the_actors_own_ratings_are_marked(read_text):
    _, ratings = read_text(f"{SUMMARY}\nC-F1:\tNeutral;\t()\nA-M1:\tval 3; act 3; dom  3;\t()\nC-E1:\tAnger;\t()")
    assert [rating.self_report for rating in ratings] == [True, True, False]


def test_a_value_left_out_is_missing_and_one_off_the_scale_stays(read_text):
    [summary], [rating] = read_text(
        "[1 - 2]\tSes01F_impro01_F000\tneu\t[5.5, 0.5, nan]\nA-E3:\tval ; act 9; dom  3;\t()"
    )
    assert (summary.valence, summary.arousal) == (5.5, 0.5)
    assert math.isnan(summary.dominance)
    assert math.isnan(rating.ratings["valence"])
    assert rating.ratings["arousal"] == 9


@given(
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    blanks=st.lists(st.integers(0, 3), min_size=3, max_size=3),
    mark=st.booleans(),
)
def test_line_endings_blank_lines_and_a_byte_order_mark_change_nothing(tmp_path_factory, ending, blanks, mark):
    rows = ["% header", SUMMARY, "A-E3:\tval 1; act 2; dom  3;\t()"]
    text = "".join(row + ending * (1 + extra) for row, extra in zip(rows, blanks, strict=True))
    path = tmp_path_factory.mktemp("labels") / "Ses01F_impro01.txt"
    path.write_bytes(text.encode("utf-8-sig" if mark else "utf-8"))
    [block] = read(path).blocks
    summary, [rating] = block.summary, block.ratings
    assert summary.utterance == rating.utterance == "Ses01F_impro01_F000"
    assert summary.line == 2 + blanks[0]


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 3.0000]", "[2.5000, 2.5000, 2.5000]"),
        ("[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5, three, 3]", "[2.5000, 2.5000, 2.5000]"),
        ("[6.2901 - ", "[6.2901 - 8.2357]<tab>"),
        ("[6.2901 - 8.2357]\tSes01F_F000\tneu\t[2.5, 3, 3]", "Ses01F_impro01_M000"),
        ("A-E3:\tval 1; act 2;", "A-E3:<tab>val 3; act 2; dom  2;"),
        ("A-E3:\tval x; act 2; dom 3;\t()", "A-E3:<tab>val 3; act 2; dom  2;"),
        ("C: Neutral", "C-E2:<tab>Neutral;"),
        ("what is this", "[6.2901 - 8.2357]"),
    ],
)
def test_a_line_that_cannot_be_read_is_shown_and_contrasted_with_its_form(tmp_path, line, form):
    path = tmp_path / "Ses01F_impro01.txt"
    path.write_text(f"% header\n\n{SUMMARY}\n{line}\n")
    labels = read(path)
    [odd] = labels.unreadable if line[0] == "[" else labels.passed_over
    assert odd.line == 4
    assert form in str(odd.error)
    assert repr(line.strip())[1:-1] in str(odd.error) or "Ses01F_F000" in str(odd.error)


def test_a_rating_before_any_utterance_belongs_to_nobody(tmp_path):
    path = tmp_path / "Ses01F_impro01.txt"
    path.write_text("A-E3:\tval 1; act 2; dom  3;\t()\n" + SUMMARY)
    labels = read(path)
    assert [odd.line for odd in labels.passed_over] == [1]
    assert labels.blocks[0].ratings == []


def test_ratings_below_a_summary_that_cannot_be_read_go_to_no_other_utterance(tmp_path):
    path = tmp_path / "Ses01F_impro01.txt"
    damaged = "6.2901 - 8.2357]\tSes01F_impro01_F001\tneu\t[2.5000, 3.0000, 4.5000]"
    path.write_text(f"{SUMMARY}\n{damaged}\nA-E3:\tval 1; act 2; dom  3;\t()\n")
    labels = read(path)
    assert [odd.line for odd in labels.unreadable] == [2]
    assert [block.ratings for block in labels.blocks] == [[]]


@pytest.mark.parametrize("length", [9_000, 20_000, 1_000_000])
@pytest.mark.parametrize("form", ["[{} - 8.2]\tx", "A-E3:\tval {} act", "[", "C-E2:" + "(;a" * 5, "A-"])
def test_a_line_of_any_length_is_read_or_passed_over_at_once_and_in_few_words(tmp_path, form, length):
    line = form.replace("{}", "1" * length) if "{}" in form else form * (length // len(form))
    path = tmp_path / "Ses01F_impro01.txt"
    path.write_text(f"{SUMMARY}\n{line}\n")
    began = time.process_time()
    labels = read(path)
    assert time.process_time() - began < 5
    assert all(len(str(odd.error)) < 600 for odd in [*labels.unreadable, *labels.passed_over])
    assert labels.unreadable or labels.passed_over or form.startswith("C-")


SCORE = st.integers(0, 60_000).map(lambda number: number / 10_000)


@given(
    start=SCORE, length=SCORE, scores=st.tuples(SCORE, SCORE, SCORE), category=st.sampled_from(["neu", "xxx", "fru"])
)
def test_any_numbers_come_out_as_they_were_written(tmp_path_factory, start, length, scores, category):
    valence, arousal, dominance = scores
    path = tmp_path_factory.mktemp("labels") / "Ses01F_impro01.txt"
    span = f"[{start:.4f} - {start + length:.4f}]"
    shown = f"[{valence:.4f}, {arousal:.4f}, {dominance:.4f}]"
    path.write_text(f"{span}\tSes01F_impro01_F000\t{category}\t{shown}\n")
    [block] = read(path).blocks
    found = block.summary
    assert (found.valence, found.arousal, found.dominance, found.category) == (*scores, category)
    assert (found.start, found.end) == (start, pytest.approx(start + length, abs=1e-4))


PIECES = st.sampled_from(
    [*("[6.29", " - ", "8.2]", "\t", "Ses01F_impro01_F000", "neu", "[2.5, 3.0, 4.5]", "A-E3:", "val ", "act 2;", "dom"),
     *("C-E2:", "Neutral;", "(", ")", "\n", "\r", "\x1c", "\u2028", "nan", "-", "1e9", "%", "[", "]", "ü")]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_lines_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("labels") / "Ses01F_impro01.txt"
    path.write_text(content, newline="")
    try:
        labels = read(path)
    except AttuneError:
        return
    assert all(0 < odd.line <= content.count("\n") + content.count("\r") + 1 for odd in labels.unreadable)
