import os
import shutil
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.storage.files import whole_file, whole_folder


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


def test_a_folder_does_not_replace_a_file(tmp_path):
    target = tmp_path / "notes"
    target.write_text("a week of work")
    with pytest.raises(AttuneError, match="notes: is a file, not a folder"), whole_folder(target):
        pass
    assert target.read_text() == "a week of work"
    assert os.listdir(tmp_path) == ["notes"]


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


def test_the_umask_which_all_threads_share_is_never_changed_not_even_for_a_moment(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "umask", None)
    with whole_file(tmp_path / "file") as path:
        path.write_text("x")
    with whole_folder(tmp_path / "folder"):
        pass
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_on_a_file_system_without_permissions_it_has_those_of_the_file_system(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "chmod", lambda *_, **__: (_ for _ in ()).throw(PermissionError(1, "as FAT says")))
    test_an_error_leaves_the_old_file_and_nothing_else(tmp_path)
    (tmp_path / "file.txt").unlink()
    test_a_folder_is_replaced_as_a_whole(tmp_path)


def leftover(target, *, folder=False):
    """What a process that was killed while it wrote `target` leaves: its lock is gone with it."""
    name = ".file.txt.abcd_123.txt" if not folder else ".folder.abcd_123"
    path = target.with_name(name)
    path.mkdir() if folder else path.write_text("half")
    return path


def test_what_a_killed_process_left_behind_is_gone_after_the_next_write(tmp_path):
    leftover(tmp_path / "file.txt")
    leftover(tmp_path / "folder", folder=True)
    (tmp_path / ".folder.old.12345678").mkdir()
    with whole_file(tmp_path / "file.txt") as path:
        path.write_text("whole")
    with whole_folder(tmp_path / "folder"):
        pass
    assert sorted(os.listdir(tmp_path)) == ["file.txt", "folder"]


def test_what_another_process_is_still_writing_is_left_alone(tmp_path):
    target = tmp_path / "file.txt"
    with whole_file(target) as slow:
        slow.write_text("slow")
        with whole_file(target) as quick:
            quick.write_text("quick")
        assert target.read_text() == "quick"
    assert target.read_text() == "slow"
    with whole_folder(tmp_path / "folder") as slow:
        with whole_folder(tmp_path / "folder") as quick:
            (quick / "quick").touch()
        (slow / "slow").touch()
    assert os.listdir(tmp_path / "folder") == ["slow"]


def _replaced(folder):
    for _ in range(150):
        with whole_folder(folder) as new:
            (new / "whole").touch()


def test_two_processes_may_write_the_same_folder_again_and_again(tmp_path):
    with ProcessPoolExecutor(2) as processes:
        assert list(processes.map(_replaced, [tmp_path / "folder"] * 2)) == [None, None]
    assert os.listdir(tmp_path) == ["folder"]
    assert os.listdir(tmp_path / "folder") == ["whole"]


@pytest.fixture
def taken_away(tmp_path, monkeypatch):
    """A folder that another process takes away right after it was looked at for the first time."""
    folder, look = tmp_path / "folder", os.stat
    folder.mkdir()

    def looked(path, **how):
        try:
            return look(path, **how)
        finally:
            if path == folder:
                shutil.rmtree(folder, ignore_errors=True)

    monkeypatch.setattr(os, "stat", looked)
    return folder


def test_a_folder_taken_away_between_two_looks_is_not_called_a_file(taken_away):
    with whole_folder(taken_away) as new:
        (new / "whole").touch()
    assert os.listdir(taken_away.parent) == ["folder"]


def test_nor_is_it_called_a_pipe_by_its_reader(taken_away):
    with pytest.raises(AttuneError, match="no such file"), reading(taken_away, "evaluate"):
        (taken_away / "metrics.json").read_text()


def test_files_of_similar_names_and_links_are_nobodys_leftovers(tmp_path):
    kept = [".file.txt.bak", ".file.txt.notes.about.txt", ".other.txt.abcd_123.txt", ".file.txt.ABCD_123.txt"]
    for name in kept:
        (tmp_path / name).write_text("kept")
    (tmp_path / ".file.txt.linked_1.txt").symlink_to(tmp_path / ".file.txt.bak")
    with whole_file(tmp_path / "file.txt") as path:
        path.write_text("whole")
    assert sorted(os.listdir(tmp_path)) == sorted([*kept, ".file.txt.linked_1.txt", "file.txt"])
