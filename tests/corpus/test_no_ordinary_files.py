"""Pipes, dead links and what we may not read, where a corpus should have files: named, and never waited for."""

import os
import shutil
import tempfile
from pathlib import Path

import own_recordings
import pytest
import reading
from nobody import nobody

from attune.corpus.heard import digests
from attune.errors import AttuneError
from attune.validation.facts import measure

LABELS = "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt"
WAV = "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav"


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def dead_link(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("gone")


def loop(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(path.name)


def folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (pipe, "a pipe, not a file"),
        (dead_link, "No such file or directory"),
        (loop, "Too many levels of symbolic links"),
    ],
)
def test_a_label_file_that_is_none_is_an_error_and_not_a_dialog_without_labels(release, make, why):
    make(release / LABELS)
    with pytest.raises(AttuneError, match=rf"Ses01F_impro01\.txt: cannot be read \({why}\)"):
        reading.read(release)


@pytest.mark.parametrize(
    ("make", "fault"), [(pipe, "unreadable"), (dead_link, "missing"), (loop, "unreadable"), (folder, "unreadable")]
)
def test_a_recording_that_is_none_is_a_fact_about_its_utterance(release, make, fault):
    make(release / WAV)
    rows = reading.read(release).utterances.set_index("utterance")
    assert (rows.loc["Ses01F_impro01_F000", "audio"] == WAV) == (make is not folder)
    assert measure(release, WAV).fault == fault
    assert digests(release, [WAV]).empty


@pytest.mark.parametrize("name", ["labels.csv", "labels.tsv", "labels.parquet"])
def test_a_table_that_is_a_pipe_is_an_error(tmp_path, name):
    own_recordings.write(tmp_path / "mine", rate=16000)
    pipe(tmp_path / "mine" / name)
    with pytest.raises(AttuneError, match="a pipe, not a file"):
        reading.read(tmp_path / "mine", "table", table={**own_recordings.TABLE, "files": name})


@pytest.mark.parametrize(("name", "fault"), [("loop.wav", "unreadable"), ("x" * 300 + ".wav", "unreadable")])
def test_a_recording_of_a_table_that_is_none_is_a_fact_about_its_utterance(tmp_path, name, fault):
    loop(tmp_path / "loop.wav")
    (tmp_path / "labels.csv").write_text(f"audio,arousal\n{name},3\n")
    rows = reading.read(tmp_path, "table", table={"files": "labels.csv", "tasks": {"arousal": {}}}).utterances
    assert rows["audio"].tolist() == [name]
    assert measure(tmp_path, name).fault == fault


@pytest.mark.parametrize("shut", ["Session3", "Session1/dialog/EmoEvaluation", LABELS])
def test_a_folder_of_a_session_that_may_not_be_read_ends_the_reading(release, shut):
    with tempfile.TemporaryDirectory() as name:
        root = shutil.copytree(release, Path(name) / "copy")
        Path(name).chmod(0o755)
        reading.read(root)
        (root / shut).chmod(0)
        try:
            with nobody(), pytest.raises((AttuneError, PermissionError), match="Permission denied") as caught:
                reading.read(root)
            assert shut in str(caught.value)
        finally:
            (root / shut).chmod(0o755)
