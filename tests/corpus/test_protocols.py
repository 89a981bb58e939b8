import pandas as pd
import pytest

from attune.corpus.protocols import Partition, assert_disjoint, partition
from attune.errors import AttuneError
from attune.protocols import PROTOCOLS

FOLDS = {name: protocol.folds for name, protocol in PROTOCOLS.items() if protocol.folds}
EVERY_FOLD = [(protocol, fold) for protocol, folds in FOLDS.items() for fold in folds]


@pytest.fixture
def utterances():
    rows = [
        {
            "utterance": f"Ses0{session}F_impro01_{gender}{turn:03d}",
            "session": session,
            "speaker": f"Ses0{session}{gender}",
        }
        for session in range(1, 6)
        for gender in "FM"
        for turn in range(3)
    ]
    return pd.DataFrame(rows)


def speakers(table):
    return set(table["speaker"])


def sessions(table):
    return set(table["session"])


@pytest.mark.parametrize(("protocol", "fold"), EVERY_FOLD)
def test_partitions_share_no_speaker_and_no_session(utterances, protocol, fold):
    parts = partition(utterances, protocol, fold)
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        assert not speakers(parts[one]) & speakers(parts[other])
        assert not sessions(parts[one]) & sessions(parts[other])
    assert all(len(part) for part in parts)


def test_loso5_tests_every_utterance_once_and_trains_on_three_sessions(utterances):
    folds = [partition(utterances, "loso5", fold) for fold in FOLDS["loso5"]]
    tested = pd.concat([fold.test for fold in folds])
    assert sorted(tested["utterance"]) == sorted(utterances["utterance"])
    assert [sessions(fold.development) for fold in folds] == [{2}, {3}, {4}, {5}, {1}]
    assert all(len(sessions(fold.train)) == 3 for fold in folds)
    assert all(sum(map(len, fold)) == len(utterances) for fold in folds)


def test_lospko10_tests_one_speaker_and_leaves_the_partner_out(utterances):
    parts = partition(utterances, "lospko10", "Ses05M")
    assert speakers(parts.test) == {"Ses05M"}
    assert sessions(parts.development) == {1}
    assert sessions(parts.train) == {2, 3, 4}
    assert "Ses05F" not in speakers(pd.concat(parts))


@pytest.mark.parametrize(
    ("protocol", "train", "development", "test"),
    [("paper-as-written", {1, 2, 3}, {4}, {5}), ("paper-by-counts", {3, 4, 5}, {2}, {1})],
)
def test_the_papers_two_readings(utterances, protocol, train, development, test):
    parts = partition(utterances, protocol, FOLDS[protocol][0])
    assert tuple(map(sessions, parts)) == (train, development, test)


def test_rows_keep_their_columns_and_index(utterances):
    indexed = utterances.set_index("utterance")
    test = partition(indexed, "loso5", "session2").test
    pd.testing.assert_frame_equal(test, indexed[indexed["session"] == 2])


@pytest.mark.parametrize(("protocol", "fold"), EVERY_FOLD)
def test_a_speaker_heard_in_two_sessions_stops_the_run(utterances, protocol, fold):
    parts = partition(utterances, protocol, fold)
    utterances.loc[parts.development.index, "speaker"] = parts.test["speaker"].iloc[0]
    with pytest.raises(AttuneError, match="is in both the"):
        partition(utterances, protocol, fold)


def test_a_shared_session_is_named_with_both_partitions(utterances):
    first = utterances[utterances["speaker"] == "Ses01F"]
    second = utterances[utterances["speaker"] == "Ses01M"]
    other = utterances[utterances["session"] == 2]
    with pytest.raises(AttuneError, match="session 1 is in both the train and the test partition"):
        assert_disjoint(Partition(first, other, second), where="a test")


@pytest.mark.parametrize(("missing", "name"), [(1, "test"), (2, "development")])
def test_a_missing_session_leaves_a_named_partition_empty(utterances, missing, name):
    with pytest.raises(AttuneError, match=f"the {name} partition is empty"):
        partition(utterances[utterances["session"] != missing], "loso5", "session1")


@pytest.mark.parametrize(
    ("protocol", "fold", "says"),
    [("loso5", "session6", "session1, session2"), ("loso5", "Ses01F", "session5"), ("lospko5", "session1", "lospko10")],
)
def test_an_unknown_protocol_or_fold_is_answered_with_those_there_are(utterances, protocol, fold, says):
    with pytest.raises(AttuneError, match=says):
        partition(utterances, protocol, fold)
