"""What counts of a folder."""

import os

import pytest

from attune.storage import leftovers


@pytest.mark.parametrize(
    "path",
    ["a.wav", "Session1/dialog/EmoEvaluation/a.txt", "labels.csv", "db.yaml", "a~b.wav", "MOCAP.txt", "avi/a.wav"],
)
def test_what_may_be_read_counts(path):
    assert not leftovers.is_leftover(path)


@pytest.mark.parametrize(
    "path",
    [
        ".DS_Store",
        "a/._a.wav",
        "a/Thumbs.db",
        "labels.csv~",
        "x/Ses01.AVI",
        "Session1/dialog/MOCAP_head/a.txt",
        ".git/a",
    ],
)
def test_what_is_left_over_does_not(path):
    assert leftovers.is_leftover(path)


def test_linked_folders_are_entered_once_and_names_may_be_any_bytes(tmp_path):
    inside, outside = tmp_path / "corpus", tmp_path / "elsewhere"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / os.fsdecode(b"\xff.wav")).touch()
    (inside / "linked").symlink_to(outside)
    (outside / "back").symlink_to(inside)
    (inside / "broken.wav").symlink_to(tmp_path / "nowhere")
    found = [os.fsencode(path) for path, _ in leftovers.files(inside)]
    assert sorted(found) == [b"linked/\xff.wav", b"\xff.wav"]
