"""Scoring many audio files with a registered model: found, put through in batches, resumable, bad ones set aside."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from attune.errors import AttuneError
from attune.files import whole_file

AUDIO = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".w64"})
_TABLES = frozenset({".csv", ".parquet"})
_FILES_AT_ONCE = 64
_BYTES_AT_ONCE = 64 << 20
"""A batch ends at so many files or so many bytes on disk, whichever comes first; it bounds the memory."""


def find_audio(sources: Sequence[Path]) -> list[Path]:
    """The audio files that `sources` name, each once: files, folders (with all below), tables with a column `path`.

    Paths in a table are relative to the table's folder. A file named itself is taken whatever its suffix.

    Raises:
        AttuneError: a folder without audio, or a table that cannot be read or has no column `path`.
    """
    return list(dict.fromkeys(path for source in sources for path in _expand(source)))


def _expand(source: Path) -> Iterable[Path]:
    if source.is_dir():
        found = sorted(path for path in source.rglob("*") if path.suffix.lower() in AUDIO and path.name[0] != ".")
        if not found:
            raise AttuneError("no audio files below this folder", where=source)
        return found
    if source.suffix.lower() in _TABLES:
        return [source.parent / path for path in _read_table(source)["path"]]
    return [source]


def _read_table(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path) if path.suffix.lower() == ".csv" else pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise AttuneError(f"cannot be read as a table ({error})", where=path) from None
    if "path" not in table or table["path"].isna().any():
        raise AttuneError("a table of audio files needs a column 'path', filled in every row", where=path)
    return table


def batches(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The paths in batches of bounded size, in order."""
    batch: list[Path] = []
    size = 0
    for path in paths:
        own = path.stat().st_size if path.is_file() else 0
        if batch and (len(batch) == _FILES_AT_ONCE or size + own > _BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += own
    if batch:
        yield batch


def score(model: Any, paths: Sequence[Path]) -> pd.DataFrame:
    """One row per file: `path`, the scores, and `error`, which says why a file has none (else None)."""
    rows = pd.DataFrame({"path": [str(path) for path in paths]})
    return rows.join(model.predict(rows, params={"errors": "column"}))


class Journal:
    """What of a long list is scored, beside the table to come, so that an interrupted run goes on where it stopped.

    A line of JSON per batch: the model it was scored with, and its rows.
    """

    def __init__(self, out: Path, model: str) -> None:
        self.out, self.model = out, model
        self.path = out.with_name(f".{out.name}.part")

    def read(self) -> pd.DataFrame:
        """The rows scored so far with this model.

        Not those that failed, which are tried again, nor another model's, nor a line that a crash cut short.
        """
        rows: list[dict[str, Any]] = []
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []:
            try:
                batch = json.loads(line)
            except json.JSONDecodeError:
                continue
            if batch["model"] == self.model:
                rows += [row for row in batch["rows"] if row["error"] is None]
        return pd.DataFrame(rows)

    def append(self, scored: pd.DataFrame) -> None:
        """Add a batch."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rows = scored.astype(object).where(scored.notna(), None).to_dict("records")
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps({"model": self.model, "rows": rows}))

    def finish(self, scored: pd.DataFrame) -> None:
        """Write the whole table (CSV or parquet, by its suffix) and remove the journal."""
        with whole_file(self.out) as path:
            if self.out.suffix.lower() == ".parquet":
                scored.to_parquet(path, index=False)
            else:
                scored.to_csv(path, index=False)
        self.path.unlink(missing_ok=True)
