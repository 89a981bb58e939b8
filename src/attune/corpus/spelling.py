"""Spelling of file names: macOS decomposes accents, others compose them; Windows and macOS ignore case."""

import os
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from attune.errors import AttuneError


def same(text: str) -> str:
    """Return a text in composed form (NFC), in which texts that look alike are equal.

    >>> same("Mu\\u0308ller") == "M\\u00fcller"
    True
    """
    return unicodedata.normalize("NFC", text)


def is_address(name: str) -> bool:
    """Whether it says where something is in a network, or in a way that is no path.

    >>> is_address("https://a.b/c.wav"), is_address("s3://bucket/c.wav"), is_address("a:b/c.wav")
    (True, True, False)
    """
    return _ADDRESS.match(name) is not None


_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


class Disk:
    """Finds files however their names are spelt; caches the folders that it has listed."""

    def __init__(self) -> None:
        self._folders: dict[Path, dict[str, list[str]]] = {}

    def found(self, folder: Path, name: str) -> Path:
        """Return the path of exactly that name in `folder`, or else of the only one that differs in spelling alone.

        Where there is neither, return the path of the exact name.

        Raises:
            AttuneError: several differ from the name in spelling alone, so that it is ambiguous.
        """
        exact = folder / name
        if os.path.lexists(exact):
            return exact
        there = [Path(exact.anchor) if Path(name).is_absolute() else folder]
        for part in Path(name).parts[Path(name).is_absolute() :]:
            there = [here / own for here in there for own in self._spellings(here, part)]
        if len(there) > 1:
            raise AttuneError(
                f"is not the name of a file, and {' and '.join(ascii(path.name) for path in there)} differ from it "
                "only in case or in how accents are encoded",
                where=exact,
                remedy="Spell the name exactly like the file that is meant.",
            )
        return there[0] if there else exact

    def _spellings(self, folder: Path, name: str) -> list[str]:
        if name == "..":
            return [name]
        if folder not in self._folders:
            self._folders[folder] = _by_key(folder)
        return self._folders[folder].get(_key(name), [])


def _by_key(folder: Path) -> dict[str, list[str]]:
    names = defaultdict(list)
    try:
        for name in sorted(os.listdir(folder)):
            names[_key(name)].append(name)
    except OSError:  # missing or not permitted: finds nothing, and opening the file reports why
        pass
    return names


def _key(name: str) -> str:
    return same(same(name).casefold())
