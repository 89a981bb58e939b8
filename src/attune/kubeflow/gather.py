"""Gather the outputs of all cells of a run in one folder, so that later steps read a single artifact."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from attune.errors import AttuneError
from attune.storage.files import whole_folder


def gathered(parts: Sequence[Path], out: Path) -> None:
    """Put folders into `out`, numbered in order; files are hard-linked if the file system supports it.

    Raises:
        AttuneError: there are no folders.
    """
    if not parts:
        raise AttuneError("no cell delivered anything", where="gather", remedy="Choose at least one system and fold.")
    with whole_folder(out) as folder:
        for number, part in enumerate(parts):
            shutil.copytree(part, folder / f"{number:04d}", copy_function=_put)


def _put(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
