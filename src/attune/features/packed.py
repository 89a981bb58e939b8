"""Features on disk: utterances' frames, in parts of many utterances, each part with its own index.

`part-00000.bin` contains the frames of one utterance after the other, `part-00000.parquet` their positions and a CRC-32
that is checked on every read; `about.json` describes the features. A part is complete once its index is there.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune.artifacts.door import reading
from attune.artifacts.tables import TEXT, WHOLE, Table
from attune.errors import AttuneError
from attune.storage import sums
from attune.storage.files import whole_file

Frames = npt.NDArray[np.floating]
"""Frames of one utterance, (frames, ...)."""

ABOUT = "about.json"
_REMEDY = "Run `attune features` again."
_COLUMNS = {"utterance": TEXT, "offset": WHOLE, "frames": WHOLE, "crc32": WHOLE}


@dataclass(frozen=True)
class About:
    """Description of features: their kind, an identity that determines their values, and the form of a frame."""

    kind: str
    identity: str
    shape: tuple[int, ...]
    type: str = "<f4"
    utterances: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further facts; for encoders, which one it is and whether it is fine-tuned."""

    @property
    def item(self) -> int:
        """Bytes of a frame."""
        return int(np.dtype(self.type).itemsize * np.prod(self.shape, dtype=int))


def index(number: int) -> Table:
    """Return the index table of a part."""
    return Table(f"part-{number:05}.parquet", "features", _COLUMNS)


def write_part(folder: Path, number: int, about: About, frames: Iterable[tuple[str, Frames]]) -> None:
    """Write a part, its index last."""
    write_index(folder, number, write_frames(folder, number, about, frames))


def write_frames(folder: Path, number: int, about: About, frames: Iterable[tuple[str, Frames]]) -> pd.DataFrame:
    """Write the frames of a part and return its index, still to be written. Several processes may write parts."""
    rows, offset = [], 0
    with whole_file(_values(folder, number)) as path, path.open("wb") as file:
        for utterance, own in frames:
            content = np.ascontiguousarray(own, np.dtype(about.type)).tobytes()
            file.write(content)
            rows.append((utterance, offset, len(own), zlib.crc32(content)))
            offset += len(content)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def write_index(folder: Path, number: int, rows: pd.DataFrame) -> None:
    """Write the index of a part, which completes it. Only one process may: all share the folder's SHA256SUMS."""
    index(number).write(folder, rows)


def write_about(folder: Path, about: About) -> None:
    """Write about.json, which marks that all parts are there."""
    (folder / ABOUT).write_text(json.dumps(asdict(about), indent=2) + "\n", encoding="utf-8")
    sums.enter(folder / ABOUT)


def read_about(folder: Path) -> About:
    """Read about.json.

    Raises:
        AttuneError: it is missing or damaged.
    """
    path = folder / ABOUT
    with reading(path, "features"):
        found = json.loads(sums.checked(path))
        return About(**{**found, "shape": tuple(found["shape"])})


def parts(folder: Path) -> Iterator[int]:
    """Return the numbers of the parts that have an index."""
    return (int(path.stem.removeprefix("part-")) for path in sorted(folder.glob("part-*.parquet")))


def is_whole(folder: Path, number: int) -> bool:
    """Return whether a part was written completely."""
    try:
        return len(index(number).read(folder)) > 0
    except AttuneError:
        return False


class Packed(Mapping[str, Frames]):
    """Features by utterance, read from disk on access.

    Raises:
        AttuneError: something is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.about = read_about(folder)
        self._folder = folder
        self._places: dict[str, tuple[int, int, int, int]] = {}
        for number in parts(folder):
            table = index(number).read(folder)
            rows = zip(table["offset"].tolist(), table["frames"].tolist(), table["crc32"].tolist(), strict=True)
            self._places |= {name: (number, *row) for name, row in zip(table["utterance"], rows, strict=True)}
        if len(self._places) != self.about.utterances:
            what = f"has features of {len(self._places)} utterances, not of {self.about.utterances}"
            raise AttuneError(what, where=folder, remedy=_REMEDY)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def frames(self, utterance: str) -> int:
        """Return the number of frames of an utterance."""
        return self._place(utterance)[2]

    def __getitem__(self, utterance: str) -> Frames:
        number, offset, frames, crc = self._place(utterance)
        path = _values(self._folder, number)
        with reading(path, "features"), path.open("rb") as file:
            file.seek(offset)
            content = file.read(frames * self.about.item)
        if zlib.crc32(content) != crc:
            raise AttuneError(f"is damaged at {utterance}", where=path, remedy=_REMEDY)
        return np.frombuffer(content, np.dtype(self.about.type)).reshape(frames, *self.about.shape)

    def _place(self, utterance: str) -> tuple[int, int, int, int]:
        if utterance not in self._places:
            raise AttuneError(f"has no features of {utterance}", where=self._folder, remedy=_REMEDY)
        return self._places[utterance]


def _values(folder: Path, number: int) -> Path:
    return folder / f"part-{number:05}.bin"
