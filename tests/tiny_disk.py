"""A real file system that is too small for what is written to it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import needs

_WHEN_INPUT_ENDS = 'read _; umount --lazy "$0"'


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """Mount one at a new folder; a process beside this one unmounts it, however this one ends."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        needs.missing(f"a small file system cannot be mounted here: {done.stderr.strip()}")
    command = ["sh", "-c", _WHEN_INPUT_ENDS, folder]
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield folder
    finally:
        guard.communicate(timeout=60)
    assert guard.returncode == 0


def resize(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)
