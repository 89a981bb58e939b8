"""Whatever stops the making of something, what was made is gone on from, and nothing else is."""

import errno

import pytest

from attune.corpus import unfinished
from attune.errors import AttuneError
from attune.parallel.processes import KilledError


def test_what_something_else_left_behind_is_removed(tmp_path):
    with (
        pytest.raises(AttuneError, match="interrupted"),
        unfinished.folder(tmp_path / "kept", "one") as folder,
    ):
        (folder / "said").write_text("one")
        raise KeyboardInterrupt
    with (
        pytest.raises(AttuneError, match="interrupted"),
        unfinished.folder(tmp_path / "kept", "one") as folder,
    ):
        assert (folder / "said").exists()
        raise KeyboardInterrupt
    with unfinished.folder(tmp_path / "kept", "other") as folder:
        assert not (folder / "said").exists()
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_do_not_meet(tmp_path):
    with (
        unfinished.folder(tmp_path / "kept", "one") as one,
        unfinished.folder(tmp_path / "kept", "one") as other,
    ):
        assert one != other
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("made_again", [False, True])
def test_one_that_its_last_user_removes_between_opening_and_locking_is_made_anew(tmp_path, monkeypatch, made_again):
    kept, lock, left = tmp_path / "kept", unfinished._locked, []

    def removed_before(opened):
        if not left:
            left.append(kept.rmdir())
            kept.mkdir() if made_again else None
        return lock(opened)

    monkeypatch.setattr(unfinished, "_locked", removed_before)
    with (
        unfinished.folder(kept, "one") as one,
        unfinished.folder(kept, "one") as other,
    ):
        assert (one, one == other) == (kept, False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("stopped", "says"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EIO, "Input/output error"), r"cannot be written to \(Input/output error\)"),
        (MemoryError(), "memory"),
        (KilledError("one of 2 processes was killed"), "memory"),
    ],
)
def test_what_no_settings_are_to_blame_for_leaves_something_to_go_on_from(tmp_path, stopped, says):
    expected = rf"(?s){says}.*kept in .*kept; the same command resumes from there"
    with pytest.raises(AttuneError, match=expected), unfinished.folder(tmp_path / "kept", "one") as folder:
        (folder / "said").touch()
        raise stopped
    with unfinished.folder(tmp_path / "kept", "one") as folder:
        assert (folder / "said").exists()
    assert list(tmp_path.iterdir()) == []


def test_what_would_go_wrong_again_leaves_nothing(tmp_path):
    with pytest.raises(AttuneError, match="too small"), unfinished.folder(tmp_path / "kept", "one"):
        raise AttuneError("too small")
    assert list(tmp_path.iterdir()) == []
