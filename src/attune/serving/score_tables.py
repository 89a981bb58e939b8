"""Score tables on disk (CSV, parquet, JSON, JSON lines), and the journal from which an interrupted run resumes."""

import json
import math
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attune import spreadsheets
from attune.errors import AttuneError
from attune.serving.listing import Item
from attune.storage.files import check_folder_of, whole_file
from attune.visible import in_json

State = list[str | int] | None
"""Path, bytes and time of the last change of a file; None of what is none."""
FORMS = (".csv", ".parquet", ".json", ".jsonl")


def check(out: Path, sources: Sequence[Path] = ()) -> None:
    """Check the output path of a table before anything is scored.

    Raises:
        AttuneError: the suffix is unknown, the folder does not exist, or the table would replace one of `sources`.
    """
    if out.suffix.lower() not in FORMS:
        raise AttuneError(
            f"the table must end in {', '.join(FORMS[:-1])} or {FORMS[-1]}", where=out, remedy="Give --out such a name."
        )
    check_folder_of(out)
    if out.exists() and any(source.exists() and out.samefile(source) for source in sources):
        raise AttuneError("is the list to score, and would be replaced", where=out, remedy="Give --out another name.")


def joined(items: Sequence[Item], scored: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return one row per item in order: path, start, end, scores, warnings, error, model, the list's other columns.

    A list's column with the same name as one of ours becomes `listed_<name>`; `start` and `end` are dropped if unused.
    """
    rows = dict(zip(keys(scored), scored.to_dict("records"), strict=True))
    table = pd.DataFrame([rows[item.key] for item in items], columns=list(scored.columns)).assign(model=model)
    if all(item.start is None and item.end is None for item in items):
        table = table.drop(columns=["start", "end"])
    for name in dict.fromkeys(name for item in items for name in item.more):
        cells = [item.more.get(name) for item in items]
        while name in table:
            name = f"listed_{name}"
        table[name] = pd.Series(cells, dtype=object)
    return table


def keys(scored: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return each row's key: see `attune.serving.listing.Item.key`."""
    cells = scored[["path", "start", "end"]].astype(object)
    return list(cells.where(cells.notna(), None).itertuples(index=False, name=None))


def text(table: pd.DataFrame) -> str:
    """Return the table as JSON lines; missing values are null."""
    return "".join(_json(row) + "\n" for row in _records(table))


def write(table: pd.DataFrame, out: Path) -> None:
    """Write the table atomically, in the format of the file's suffix."""
    with whole_file(out) as path:
        match out.suffix.lower():
            case ".parquet":
                table.to_parquet(path, index=False)
            case ".csv":
                spreadsheets.write(table, path)
            case ".jsonl":
                path.write_text(text(table), encoding="utf-8")
            case _:
                path.write_text(_json(_records(table), indent=2) + "\n", encoding="utf-8")


def _json(rows: Any, indent: int | None = None) -> str:
    return in_json(json.dumps(rows, indent=indent, allow_nan=False, default=str, ensure_ascii=False))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    cells = table.astype(object)
    rows = cells.where(cells.notna(), None).to_dict("records")
    return [{str(name): _plain(cell) for name, cell in row.items()} for row in rows]


def _plain(cell: Any) -> Any:
    """Return a cell as JSON can hold it: arrays as lists, NaN as null and infinity as text, at any depth."""
    match cell:
        case np.ndarray():
            return _plain(cell.tolist())
        case list():
            return [_plain(one) for one in cell]
        case dict():
            return {str(name): _plain(one) for name, one in cell.items()}
        case float() if not math.isfinite(cell):
            return None if math.isnan(cell) else str(cell)
    return cell


class Journal:
    """The rows of a long list scored so far, in a file beside the output, so that an interrupted run can resume.

    One line of JSON per batch: the model it was scored with, its rows, and what each file was then.
    """

    def __init__(self, out: Path, model: str) -> None:
        self.out, self.model = out, model
        self.path = out.with_name(f".{out.name}.part")

    def read(self) -> pd.DataFrame:
        """Return the rows scored so far with this model.

        Without those that failed, which are tried again, those of other models, of files that are no longer what they
        were or can be read only once, and lines truncated by a crash.
        """
        rows: list[dict[str, Any]] = []
        for line in self.path.read_bytes().split(b"\n") if self.path.exists() else []:
            with suppress(ValueError, KeyError, TypeError, RecursionError):
                batch = json.loads(line)
                if batch["model"] == self.model:
                    rows += [row for row in batch["rows"] if row["error"] is None and _is_still(row, batch["files"])]
        return pd.DataFrame(rows)

    def append(self, scored: pd.DataFrame, files: Mapping[str, State]) -> None:
        """Add a batch.

        Args:
            files: by path, what each was before the batch was scored; one that changed meanwhile is scored again.
        """
        line = "\n" + json.dumps({"model": self.model, "rows": _records(scored), "files": files})
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            error.filename = str(self.path)  # of a full disk the kernel names no file
            raise

    def finish(self, table: pd.DataFrame) -> None:
        """Write the whole table and remove the journal."""
        write(table, self.out)
        self.path.unlink(missing_ok=True)


def states(paths: Iterable[str]) -> dict[str, State]:
    """Return what each file is now."""
    return {path: _state(path) for path in paths}


def _is_still(row: dict[str, Any], files: dict[str, Any]) -> bool:
    then = files[row["path"]]
    return then is not None and then == _state(row["path"])


def _state(path: str) -> State:
    """Return which file a path is and when it was last changed; None if it is none, such as standard input."""
    try:
        about = Path(path).stat()
    except (OSError, ValueError):  # whoever opens it reports why; its rows are not taken from a journal
        return None
    return [str(Path(path).absolute()), about.st_size, about.st_mtime_ns] if stat.S_ISREG(about.st_mode) else None
