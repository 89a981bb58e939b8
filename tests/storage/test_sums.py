"""SHA256SUMS against coreutils, and what is said where it does not fit."""

import errno
import shutil
import subprocess
from pathlib import Path

import needs
import pytest

from attune.errors import AttuneError
from attune.storage import sums


@pytest.fixture
def file(tmp_path):
    for name in ("b.csv", "a.json"):
        (tmp_path / name).write_text(name)
        sums.enter(tmp_path / name)
    return tmp_path / "a.json"


def test_coreutils_reads_what_is_written(file):
    shutil.which("sha256sum") or needs.missing("sha256sum is not installed (coreutils)")

    def checked():
        return subprocess.run(["sha256sum", "--check", sums.SUMS], cwd=file.parent, capture_output=True, check=False)

    assert checked().returncode == 0
    file.write_text("another")
    assert checked().returncode == 1


def test_what_was_entered_is_read_back(file):
    assert sums.checked(file) == b"a.json"
    sums.check(file)


def test_a_file_written_again_replaces_its_line(file):
    file.write_text("another")
    sums.enter(file)
    assert sums.checked(file) == b"another"
    assert len((file.parent / sums.SUMS).read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda file: file.write_text("b.json"), r"a\.json: is damaged or was edited"),
        (lambda file: (file.parent / sums.SUMS).unlink(), r"a\.json: cannot be checked: there is no SHA256SUMS"),
        (lambda file: (file.parent / sums.SUMS).write_text("x\n"), r"a\.json: cannot be checked: .* is damaged"),
        (lambda file: (file.parent / sums.SUMS).write_bytes(b"\xff\n"), r"a\.json: cannot be checked: .* is damaged"),
        (lambda file: (file.parent / sums.SUMS).write_text(""), r"a\.json: cannot be checked: .* does not list it"),
    ],
)
@pytest.mark.parametrize("read", [sums.check, sums.checked])
def test_what_does_not_fit_is_named(file, damage, said, read):
    damage(file)
    with pytest.raises(AttuneError, match=said):
        read(file)


def test_sums_that_are_damaged_begin_anew_with_the_next_file(file):
    (file.parent / sums.SUMS).write_text("0f3a")
    sums.enter(file)
    assert sums.checked(file) == b"a.json"
    assert sums.listed(file.parent) == [file]


def test_a_full_disk_leaves_the_sums_that_were_there(file, monkeypatch):
    before = (file.parent / sums.SUMS).read_text()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        sums.enter(file)
    assert (file.parent / sums.SUMS).read_text() == before
    assert sorted(path.name for path in file.parent.iterdir()) == [sums.SUMS, "a.json", "b.csv"]
