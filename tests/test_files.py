import os
import stat
from pathlib import Path

import pytest

from attune.files import whole_file, whole_folder


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    target = tmp_path / "new" / "file.txt"
    with whole_file(target) as path:
        path.write_text("half")
        assert not target.exists()
        path.write_text("whole")
    assert target.read_text() == "whole"
    assert os.listdir(target.parent) == ["file.txt"]


def test_where_the_first_file_stays_a_later_one_vanishes(tmp_path):
    target = tmp_path / "file.txt"
    for text in ("first", "second"):
        with whole_file(target, first_stays=True) as path:
            path.write_text(text)
    assert target.read_text() == "first"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_the_first_file_stays_without_hard_links_too(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "hardlink_to", lambda *_: (_ for _ in ()).throw(PermissionError("no links here")))
    test_where_the_first_file_stays_a_later_one_vanishes(tmp_path)


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), whole_file(target) as path:
        path.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    target = tmp_path / "folder"
    for number in (1, 2):
        with whole_folder(target) as folder:
            (folder / f"{number}.txt").write_text("x")
    assert os.listdir(target) == ["2.txt"]
    assert os.listdir(tmp_path) == ["folder"]


def test_an_error_leaves_the_old_folder_and_nothing_else(tmp_path):
    target = tmp_path / "folder"
    with whole_folder(target) as folder:
        (folder / "old.txt").write_text("x")
    with pytest.raises(KeyboardInterrupt), whole_folder(target) as folder:
        (folder / "new.txt").write_text("x")
        raise KeyboardInterrupt
    assert os.listdir(target) == ["old.txt"]
    assert os.listdir(tmp_path) == ["folder"]


def test_what_is_written_has_the_permissions_anyone_would_expect(tmp_path):
    old = os.umask(0o022)
    try:
        with whole_file(tmp_path / "file") as path:
            Path(path).write_text("x")
        with whole_folder(tmp_path / "folder"):
            pass
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o755
