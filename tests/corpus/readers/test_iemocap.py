import shutil

import pandas as pd
import pytest
from reading import read

from attune.errors import AttuneError


@pytest.fixture
def corpus(release):
    return read(release)


@pytest.fixture
def rows(corpus):
    return corpus.utterances.set_index("utterance")


def test_every_label_and_every_recording_is_a_row_sorted_by_id(corpus):
    assert corpus.utterances["utterance"].tolist() == [
        "Ses01F_impro01_F000",
        "Ses01F_impro01_M000",
        "Ses01F_impro01_M009",
        "Ses03M_impro05a_F000",
        "Ses03M_impro05a_M000",
        "Ses05M_script01_1b_F012",
    ]


def test_columns_are_those_of_the_contract(corpus):
    assert corpus.utterances.columns.tolist() == [
        "utterance", "dialog", "session", "speaker", "gender", "scenario", "start", "end", "category",
        "arousal", "valence", "dominance", "transcript", "audio", "source", "line",
        "raters", "arousal_ratings", "arousal_spread", "arousal_self",
        "valence_ratings", "valence_spread", "valence_self", "dominance_ratings", "dominance_spread", "dominance_self",
    ]  # fmt: skip
    assert corpus.ratings.columns.tolist() == [
        "utterance", "rater", "kind", "self_report", "arousal", "valence", "dominance", "category", "comment",
    ]  # fmt: skip


def test_columns_have_their_types_even_where_nothing_is_known(release):
    for path in release.glob("Session*/dialog/EmoEvaluation/Ses*.txt"):
        kept = [line for line in path.read_text().splitlines() if line[:1] == "["]
        path.write_text("\n".join(kept))
    corpus = read(release)
    assert corpus.ratings.empty
    assert corpus.ratings.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(["utterance", "rater", "kind", "category", "comment"], "str"),
        **dict.fromkeys(["arousal", "valence", "dominance"], "float64"),
        "self_report": "bool",
    }


def test_the_speaker_is_the_turns_and_not_the_markers(rows):
    assert rows.loc["Ses01F_impro01_M000", ["speaker", "gender"]].tolist() == ["Ses01M", "M"]
    assert rows.loc["Ses05M_script01_1b_F012", ["speaker", "gender"]].tolist() == ["Ses05F", "F"]


def test_dialogs_with_letters_keep_them(rows):
    assert rows.loc["Ses03M_impro05a_F000", ["dialog", "scenario"]].tolist() == ["Ses03M_impro05a", "improvised"]
    assert rows.loc["Ses05M_script01_1b_F012", ["dialog", "scenario"]].tolist() == ["Ses05M_script01_1b", "scripted"]


def test_labels_are_read_by_name_whatever_the_files_order(rows):
    assert rows.loc["Ses01F_impro01_F000", ["arousal", "valence", "dominance"]].tolist() == [2.25, 2.5, 2.75]
    assert rows.loc["Ses03M_impro05a_F000", ["arousal", "valence", "dominance"]].tolist() == [4.0, 2.0, 5.0]


def test_values_out_of_range_are_kept_as_they_are(rows):
    assert rows.loc["Ses03M_impro05a_M000", ["arousal", "valence", "dominance"]].tolist() == [3.0, 5.5, 0.5]


def test_a_label_without_a_recording_has_no_audio(rows):
    assert rows["audio"].isna().tolist() == [False, False, False, False, True, False]
    assert rows.loc["Ses03M_impro05a_M000", "source"] == "Session3/dialog/EmoEvaluation/Ses03M_impro05a.txt"


def test_a_recording_without_a_label_has_no_source(rows):
    row = rows.loc["Ses01F_impro01_M009"]
    assert row["audio"] == "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_M009.wav"
    assert pd.isna(row["source"])
    assert row["line"] == 0
    assert row[["start", "end", "arousal", "valence", "dominance"]].isna().all()


def test_a_row_knows_its_file_and_line(release, rows):
    for name, row in rows.dropna(subset="source").iterrows():
        line = (release / row["source"]).read_text().split("\n")[row["line"] - 1]
        assert f"\t{name}\t" in line


def test_transcripts_go_with_their_utterances_and_loose_turns_with_none(rows):
    assert rows.loc["Ses01F_impro01_F000", "transcript"] == "Excuse me."
    assert rows.loc["Ses01F_impro01_M000", "transcript"] == "Do you have your forms: all [three] of them?"
    assert rows.loc["Ses05M_script01_1b_F012", "transcript"] == "No."
    assert pd.isna(rows.loc["Ses03M_impro05a_F000", "transcript"])


def test_ratings_are_sorted_and_tell_actors_from_listeners(corpus):
    first = corpus.ratings[corpus.ratings["utterance"] == "Ses01F_impro01_F000"]
    assert first["rater"].tolist() == ["E2", "E4", "F1", "E3", "E4", "F1"]
    assert first["kind"].tolist() == ["categorical"] * 3 + ["dimensional"] * 3
    assert first["self_report"].tolist() == [False, False, True] * 2
    assert first["comment"].tolist()[4] == "mildly aggravated; (sighs)"


def test_the_folder_above_does_as_well(release, corpus):
    assert read(release.parent).utterances.equals(corpus.utterances)


def test_an_unparsable_line_stops_with_file_and_line(release):
    path = release / "Session5/dialog/EmoEvaluation/Ses05M_script01_1b.txt"
    path.write_text(path.read_text().replace("[2.0000, 2.0000, 2.3333]", "[2.0000; 2.0000; 2.3333]"))
    with pytest.raises(AttuneError, match=r"Ses05M_script01_1b\.txt:3: cannot be read as a label line"):
        read(release)


@pytest.mark.parametrize(
    ("folder", "says"), [("dialog", "contains no label files"), ("sentences", "contains no recordings")]
)
def test_sessions_without_labels_or_recordings_are_another_layout(release, folder, says):
    for session in release.glob("Session*"):
        shutil.rmtree(session / folder)
    with pytest.raises(AttuneError, match=f"{says}\n  Expected Session1/{folder}"):
        read(release)


def test_a_recording_with_another_name_is_named(release):
    stray = release / "Session1/sentences/wav/Ses01F_impro01/copy of F000.wav"
    stray.touch()
    with pytest.raises(AttuneError, match=r"copy of F000\.wav: a recording that is not named after an utterance"):
        read(release)


def test_a_second_recording_of_an_utterance_is_refused(release):
    folder = release / "Session1/sentences/wav/Ses01F_impro02"
    folder.mkdir()
    (folder / "Ses01F_impro01_F000.wav").touch()
    with pytest.raises(AttuneError, match="a second recording of Ses01F_impro01_F000"):
        read(release)
