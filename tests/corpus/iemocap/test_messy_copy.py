"""A copy of the corpus as real disks have them: other cases and encodings, leftovers, repeats, damaged lines."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from reading import read

from attune.errors import AttuneError

LABELS = "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt"


def comparable(corpus) -> list[pd.DataFrame]:
    return [corpus.utterances.drop(columns=["audio", "source"]), corpus.ratings]


def same(one, other) -> bool:
    return all(a.equals(b) for a, b in zip(comparable(one), comparable(other), strict=True))


def rename(path: Path, name: str) -> None:
    path.rename(path.with_name(name))


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title], ids=["upper", "lower", "title"])
def test_names_in_any_case_give_the_same_corpus(release, change):
    expected = read(release)
    everything = sorted(release.rglob("*"), key=lambda path: -len(path.parts))
    for path in everything:
        if not path.name.startswith(".") and not (path.suffix == ".txt" and change is str.title):
            rename(path, change(path.name))
    found = read(release)
    assert same(found, expected)
    assert all((release / audio).is_file() for audio in found.utterances["audio"].dropna())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_label_and_transcript_files_in_other_encodings_give_the_same_corpus(release, encoding):
    expected = read(release)
    for path in release.rglob("*.txt"):
        if not path.name.startswith("."):
            path.write_bytes(path.read_text().encode(encoding))
    assert same(read(release), expected)


def test_transcripts_in_latin_1_keep_their_accents(release):
    path = release / "Session1/dialog/transcriptions/Ses01F_impro01.txt"
    path.write_bytes("Ses01F_impro01_F000 [006.2901-008.2357]: Café señor – yes.\n".encode("cp1252"))
    rows = read(release).utterances.set_index("utterance")
    assert rows.loc["Ses01F_impro01_F000", "transcript"] == "Café señor – yes."


def test_a_second_session_folder_replaces_nothing_and_is_named(release):
    shutil.copytree(release / "Session1", release / "Session1_old")
    with pytest.raises(AttuneError, match="Session1 and Session1_old are both session 1"):
        read(release)


def test_a_recording_of_another_session_s_utterance_is_named_with_the_first(release):
    folder = release / "Session3/sentences/wav/Ses01F_impro01"
    folder.mkdir(parents=True)
    shutil.copy(release / "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav", folder)
    with pytest.raises(AttuneError) as caught:
        read(release)
    message = str(caught.value)
    assert "a second recording of Ses01F_impro01_F000" in message
    assert "Session3/sentences" in message
    assert "Session1/sentences" in message


def test_leftovers_change_nothing(release):
    expected = read(release)
    for name in ("Thumbs.db", "a video.avi", ".DS_Store", "notes.txt", "Session1/dialog/avi/x.mp4"):
        (release / name).parent.mkdir(parents=True, exist_ok=True)
        (release / name).write_bytes(b"\x00\x01")
    found = read(release)
    assert found.utterances.equals(expected.utterances)
    assert found.ratings.equals(expected.ratings)
    assert found.about == expected.about


def test_a_damaged_rater_line_is_noted_with_file_and_line_and_the_rest_is_read(release):
    expected = read(release)
    path = release / LABELS
    path.write_text(path.read_text().replace("A-E4:\tval 2; act 3; dom  3;", "A-E4:\tval 2 act 3 dom 3"))
    found = read(release)
    [note] = found.notes.itertuples()
    assert (note.note, note.source, note.line) == ("unreadable-rating", LABELS, 8)
    assert len(found.ratings) == len(expected.ratings) - 1
    assert found.utterances["valence"].equals(expected.utterances["valence"])


def test_the_same_block_twice_is_noted_and_used_once(release):
    expected = read(release)
    path = release / LABELS
    shutil.copy(path, path.with_name("Ses01F_impro01 (copy).txt"))
    found = read(release)
    assert set(found.notes["note"]) == {"repeated-block"}
    assert len(found.notes) == 2
    assert same(found, expected)


def test_differing_blocks_and_damaged_summaries_stop_the_run_all_listed_at_once(release):
    path = release / LABELS
    text = path.read_text()
    copy = path.with_name("Ses01F_impro01 (copy).txt")
    copy.write_text(text.replace("[2.5000, 2.2500, 2.7500]", "[2.5000, 2.2500, 3.7500]"))
    other = release / "Session5/dialog/EmoEvaluation/Ses05M_script01_1b.txt"
    other.write_text(other.read_text().replace("[2.0000, ", "[2.0000; "))
    with pytest.raises(AttuneError) as caught:
        read(release)
    message = str(caught.value)
    assert "2 faults in its label files" in message
    assert (
        f"{path}:3: Ses01F_impro01_F000 is labelled differently in {LABELS.replace('.txt', ' (copy).txt')}:3" in message
    )
    assert f"{other}:3: cannot be read as a label line" in message


def test_raters_are_counted_and_their_spread_and_the_speakers_own_rating_are_columns(release):
    rows = read(release).utterances.set_index("utterance")
    first = rows.loc["Ses01F_impro01_F000"]
    assert first["raters"] == 2
    assert first["valence_spread"] == pytest.approx(2**-0.5)  # E3 says 3, E4 says 2
    assert first["dominance_self"] == 1.0
    assert rows.loc["Ses01F_impro01_M009", "raters"] == 0
    assert pd.isna(rows.loc["Ses01F_impro01_M000", "valence_spread"])


def test_the_published_inventory_comes_with_the_corpus(release):
    published = read(release).about.published
    assert published["utterances"] == sum(published[f"session {number}"] for number in range(1, 6)) == 10039
    assert sum(count for name, count in published.items() if name.startswith("category ")) == 10039
    assert sum(count for name, count in published.items() if name.startswith("speaker ")) == 10039
    assert published["scenario improvised"] + published["scenario scripted"] == 10039
