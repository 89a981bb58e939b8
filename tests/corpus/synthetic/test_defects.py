"""Each switch damages a copy in its way and in no other, and the reader and validation find just that."""

import shutil

import pytest

from attune.corpus.contract import Source
from attune.corpus.iemocap.location import RELEASE
from attune.corpus.readers import iemocap
from attune.corpus.synthetic import defects, tree
from attune.corpus.synthetic.plan import plan
from attune.settings.corpus import Corpus as Settings
from attune.settings.corpus import Synthetic
from attune.tasks import TASKS

SETTINGS = Synthetic(like="iemocap", share=0.03)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Labels and transcripts of 300 utterances, and empty files for their recordings."""
    release = tmp_path_factory.mktemp("defects") / RELEASE
    turns = plan(SETTINGS)
    tree.write_texts(turns, ["Ba." for _ in turns], release)
    for turn in turns:
        path = tree.recording(turn, release)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return release


def read(release):
    return iemocap.read(Source(Settings(kind="iemocap"), release, release))


@pytest.fixture
def damaged(whole, tmp_path):
    def damage(*chosen):
        copy = tmp_path / RELEASE
        shutil.copytree(whole, copy)
        defects.inflict(chosen, copy)
        return read(copy)

    return damage


def test_without_a_defect_nothing_is_odd(whole):
    corpus = read(whole)
    assert corpus.notes.empty
    assert corpus.utterances[list(TASKS)].apply(lambda ratings: ratings.between(1, 5)).all(axis=None)
    assert corpus.utterances["audio"].notna().all()
    assert corpus.utterances["source"].notna().all()


@pytest.mark.parametrize(
    ("defect", "found"),
    [
        ("valence-above-scale", lambda rows: (rows["valence"] == 5.5) & (rows["session"] == 3)),
        ("dominance-below-scale", lambda rows: (rows["dominance"] == 0.5) & rows["session"].isin([1, 2, 4])),
        ("unlabelled", lambda rows: rows[list(TASKS)].isna().all(axis=1) & rows["category"].notna()),
        ("label-without-recording", lambda rows: rows["audio"].isna()),
        ("recording-without-label", lambda rows: rows["source"].isna() & rows["audio"].notna()),
    ],
)
def test_a_defect_of_utterances_is_in_as_many_as_in_proportion_and_in_no_others(whole, damaged, defect, found):
    before, corpus = read(whole), damaged(defect)
    hit = found(corpus.utterances)
    assert 1 <= hit.sum() <= 2
    assert corpus.utterances["utterance"].tolist() == before.utterances["utterance"].tolist()
    untouched = corpus.utterances[~hit].drop(columns=["line"])
    assert untouched.equals(before.utterances[~hit].drop(columns=["line"]))


@pytest.mark.parametrize("defect", ["unreadable-rating", "repeated-block"])
def test_a_defect_of_label_files_is_noted_once(whole, damaged, defect):
    corpus = damaged(defect)
    assert corpus.notes["note"].tolist() == [defect]
    assert corpus.utterances.equals(read(whole).utterances)


@pytest.mark.parametrize("defect", ["whole-numbers", "crlf", "macos-leftovers", "latin-1"])
def test_a_defect_of_spelling_changes_nothing_that_is_read(whole, damaged, defect, tmp_path):
    corpus = damaged(defect)
    told = [*TASKS, "audio", "category", "start", "end"]
    assert corpus.utterances[told].equals(read(whole).utterances[told])
    assert corpus.notes.empty
    evidence = {
        "whole-numbers": b"[3, ",
        "crlf": b"\r\n\r\n\r\n",
        "macos-leftovers": b"Mac OS X",
        "latin-1": b"caf\xe9",
    }
    files = [path.read_bytes() for path in (tmp_path / RELEASE).rglob("*") if path.is_file()]
    assert any(evidence[defect] in content for content in files)
    if defect == "latin-1":
        assert corpus.utterances["transcript"].str.contains("à la café", regex=False).any()


def test_all_of_them_at_once_can_be_read(damaged):
    corpus = damaged(*defects._DAMAGES)
    assert set(corpus.notes["note"]) == {"unreadable-rating", "repeated-block"}
    assert (corpus.utterances["valence"] == 5.5).sum() == 1


@pytest.mark.parametrize("number", [40, 301, 10039])
def test_no_utterance_has_two_of_them(tmp_path, number):
    """One without both its label and its recording would be gone."""
    names = [f"Ses0{1 + place * 5 // number}M_impro07_{'FM'[place % 2]}{place:05d}" for place in range(number)]
    labels = tmp_path / "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt"
    labels.parent.mkdir(parents=True)
    labels.write_text("".join(f"[0 - 1]\t{name}\tneu\t[3, 3, 3]\n" for name in names))
    hit = [
        *defects._first(tmp_path, defects._HIGH),
        *defects._first(tmp_path, defects._LOW),
        *(name for defect in defects._APART for name in defects._few(tmp_path, defects._WITHOUT, defect)),
    ]
    assert len(set(hit)) == len(hit) >= 5
