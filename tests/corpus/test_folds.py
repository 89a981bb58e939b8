"""Protocols whose folds the corpus itself decides."""

import pandas as pd
import pytest

from attune import protocols
from attune.corpus.folds import folds
from attune.corpus.protocols import partition
from attune.errors import AttuneError


@pytest.fixture
def show() -> pd.DataFrame:
    """Twelve speakers, two a session, of very different sizes, from two corpora with partitions of their own."""
    rows = [
        {
            "utterance": f"{speaker}-{turn}",
            "speaker": f"speaker {speaker:02d}",
            "session": f"show/{speaker // 2}",
            "corpus": "ours" if speaker < 6 else "theirs",
            "partition": {0: "train", 1: "train", 2: "development", 3: "test1", 4: "test2"}.get(speaker // 2),
        }
        for speaker in range(12)
        for turn in range(2 + speaker)
    ]
    return pd.DataFrame(rows)


def names(parts, column="speaker"):
    return [set(part[column]) for part in parts]


@pytest.mark.parametrize(
    "protocol", ["leave-one-session-out", "leave-one-speaker-out", "3-fold", "6-fold", "cross-corpus"]
)
def test_every_fold_shares_no_speaker_and_together_they_test_everything_once(show, protocol):
    tested = []
    for fold in folds(show, protocol):
        parts = partition(show, protocol, fold)
        train, development, test = names(parts)
        assert len(train) + len(development) + len(test) == len(train | development | test)
        assert all(len(part) for part in parts)
        tested += list(parts.test["utterance"])
    assert sorted(tested) == sorted(show["utterance"])


def test_folds_are_named_after_what_they_test_in_letters_a_path_can_have(show):
    assert folds(show, "leave-one-session-out") == [f"show-{number}" for number in range(6)]
    assert folds(show, "leave-one-speaker-out")[0] == "speaker-00"
    assert folds(show, "3-fold") == ["fold1", "fold2", "fold3"]
    assert folds(show, "cross-corpus") == ["ours", "theirs"]


def test_two_names_that_differ_only_in_what_a_path_cannot_have_are_refused(show):
    show["session"] = show["session"].replace({"show/1": "show 0"})
    with pytest.raises(AttuneError, match="'show/0' cannot name a fold, for 'show 0' does already"):
        folds(show, "leave-one-session-out")


def test_whom_the_tested_speaker_met_is_not_used(show):
    parts = partition(show, "leave-one-speaker-out", "speaker-03")
    assert "speaker 02" not in set.union(*names(parts))


def test_k_folds_are_of_about_the_same_size(show):
    sizes = [len(partition(show, "3-fold", fold).test) for fold in folds(show, "3-fold")]
    assert max(sizes) - min(sizes) <= show.groupby("session").size().max()


def test_the_corpus_own_partitions_are_used_as_they_are(show):
    assert folds(show, "given") == ["test1", "test2"]
    train, development, test = partition(show, "given", "test2")
    assert (set(train["partition"]), set(development["partition"]), set(test["partition"])) == (
        {"train"},
        {"development"},
        {"test2"},
    )


def test_the_corpus_own_folds_are_tested_in_turn(show):
    show["fold"] = show["session"].str[-1].astype(int).mod(3).map("set {}".format)
    assert folds(show, "given") == ["set-0", "set-1", "set-2"]
    parts = partition(show, "given", "set-2")
    assert names(parts, "fold") == [{"set 1"}, {"set 0"}, {"set 2"}]


@pytest.mark.parametrize(
    ("protocol", "fold"), [("given", "test1"), ("cross-corpus", "ours"), ("leave-one-session-out", "show-1")]
)
def test_a_speaker_of_two_partitions_stops_the_run(show, protocol, fold):
    parts = partition(show, protocol, fold)
    show.loc[parts.development.index, "speaker"] = parts.test["speaker"].iloc[0]
    with pytest.raises(AttuneError, match="is in both the"):
        partition(show, protocol, fold)


@pytest.mark.parametrize(("protocol", "column"), [("given", "partition"), ("cross-corpus", "corpus")])
def test_what_the_corpus_does_not_say_cannot_make_folds(show, protocol, column):
    with pytest.raises(AttuneError, match=f"does not say the {column}"):
        folds(show.drop(columns=column), protocol)


def test_speakers_who_are_not_known_are_not_left_out_one_by_one(show):
    with pytest.raises(AttuneError, match="does not say the speaker"):
        folds(show.assign(speaker=show["utterance"]), "leave-one-speaker-out")


@pytest.mark.parametrize(("protocol", "column"), [("given", "fold"), ("cross-corpus", "corpus")])
def test_rows_that_name_no_fold_or_corpus_are_not_used(show, protocol, column):
    show["fold"] = show["session"].str[-1].astype(int).mod(3).map("set {}".format)
    show.loc[show["speaker"].isin(["speaker 05", "speaker 11"]), column] = None
    for fold in folds(show, protocol):
        for part in partition(show, protocol, fold):
            assert part[column].notna().all()


@pytest.mark.parametrize("left", [1, 2])
def test_too_few_sessions_are_counted(show, left):
    few = show[show["session"].isin([f"show/{number}" for number in range(left)])]
    with pytest.raises(AttuneError, match=rf"the corpus has {left} sessions?\n.* need three sessions"):
        partition(few, "leave-one-session-out", "show-0")


def test_too_few_speakers_for_the_folds_are_counted(show):
    with pytest.raises(AttuneError, match="falls into 6 parts"):
        partition(show, "7-fold", "fold1")


def test_speakers_who_meet_through_others_are_never_apart(show):
    show.loc[len(show)] = {"utterance": "x", "speaker": "speaker 00", "session": "show/5"}
    for fold in folds(show, "3-fold"):
        for part in partition(show, "3-fold", fold):
            met = set(part["speaker"]) & {"speaker 00", "speaker 01", "speaker 10", "speaker 11"}
            assert len(met) in (0, 4)


@pytest.mark.parametrize("name", ["1-fold", "100-fold", "x-fold", "fold", "loso6", ""])
def test_there_is_no_such_protocol(name):
    assert protocols.find(name) is None
