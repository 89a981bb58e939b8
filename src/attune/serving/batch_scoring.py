"""Score many recordings with a registered model, in batches; bad ones are reported, and the others are scored."""

import io
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, NamedTuple

import pandas as pd

from attune.serving.listing import STANDARD_INPUT, Item, shown
from attune.waveform.audio import AudioError, Span, cut
from attune.waveform.decoding.reading import opened
from attune.waveform.decoding.sources import Source
from attune.waveform.parts import decoded_once

_FILES_AT_ONCE = 64
_BYTES_AT_ONCE = 64 << 20
"""A batch ends at this many files or bytes on disk, whichever comes first; this bounds the memory."""
_BYTES_A_SECOND = 32_000
"""Of 16-bit samples at 16 kHz."""


def batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Yield the items in batches of bounded size, in order."""
    batch: list[Item] = []
    size = 0
    for item in items:
        own = _size(item)
        if batch and (len(batch) == _FILES_AT_ONCE or size + own > _BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += own
    if batch:
        yield batch


def _size(item: Item) -> int:
    """Return the bytes of a recording, or about those of a part of one once decoded, if these are fewer."""
    try:
        size = item.path.stat().st_size
    except (OSError, ValueError):  # reported when it is opened, and for this item alone
        return 0
    return size if item.end is None else min(size, round(max(item.end - (item.start or 0.0), 0.0) * _BYTES_A_SECOND))


def fault(item: Item) -> str | None:
    """Return the fault that a file's header shows; None if it shows none, or for a stream, which is not read yet."""
    if item.is_stream:
        return None
    try:
        with opened(item.path, shown(item.path)):
            return None
    except AudioError as error:
        return error.on_one_line()


def score(model: Any, items: Sequence[Item]) -> pd.DataFrame:
    """Return one row per item: `path`, `start`, `end`, the scores, `warnings`, and `error` (None if scored)."""
    with TemporaryDirectory() as folder:
        here = Path(folder)
        staged = [_staged(item, source, here / str(place)) for place, (item, source) in enumerate(_read(items, here))]
        rows = pd.DataFrame({"path": [str(one.path) for one in staged]})
        answer = model.predict(rows, params={"errors": "column"})
    told = [
        one.error or _renamed(error, one, item) for one, item, error in zip(staged, items, answer["error"], strict=True)
    ]
    keys = pd.DataFrame([item.key for item in items], columns=["path", "start", "end"])
    return keys.join(answer.assign(error=pd.Series(told, dtype=object)))


def _read(items: Sequence[Item], folder: Path) -> Iterator[tuple[Item, Source]]:
    """Yield each item with what it is read from; parts that follow one another share what was decoded for them."""
    for is_part, run in groupby(items, key=lambda item: item.span is not None and not item.is_stream):
        if not is_part:
            yield from ((item, item.path) for item in run)
            continue
        parts = ((item, (str(item.path), item.span or Span())) for item in run)
        for item, part in decoded_once(parts, Path, folder / "decoded"):
            yield item, part.unpacked or item.path


class _Staged(NamedTuple):
    """The file that a model reads for an item, or why there is none."""

    path: Path
    error: str | None = None


def _staged(item: Item, source: Source, place: Path) -> _Staged:
    """Stage an item for the model: parts, standard input and names not in UTF-8 get a file with a readable name."""
    try:
        if item.is_stream:
            with _stream(item.path) as stream, place.open("wb") as file:
                shutil.copyfileobj(stream, file)
            item, source = item._replace(path=place), place
        if item.span:
            part = place.with_suffix(".wav")
            cut(source, item.span, part)
            return _Staged(part)
    except AudioError as error:
        return _Staged(place, error.on_one_line())
    if shown(item.path) != str(item.path):
        place.symlink_to(item.path.absolute())
        return _Staged(place)
    return _Staged(item.path)


def _stream(path: Path) -> AbstractContextManager[BinaryIO]:
    if path != STANDARD_INPUT:
        return path.open("rb")
    return nullcontext(sys.stdin.buffer if sys.stdin else io.BytesIO())  # None where it is closed


def _renamed(error: str | None, staged: _Staged, item: Item) -> str | None:
    return (
        error if pd.isna(error) or staged.path == item.path else str(error).replace(str(staged.path), shown(item.path))
    )
