"""Conversion of a table's rows to the contract's utterances and ratings."""

import math
import os
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from attune.corpus.contract import Utterance as Row
from attune.corpus.rows import columns_of, ratings_of
from attune.corpus.spelling import Disk, is_address, same
from attune.corpus.tabular import files
from attune.corpus.tabular.columns import column, numbers, times, understood
from attune.corpus.tabular.settings import Columns, Raters, Task
from attune.errors import AttuneError

PARTITIONS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("dev", "devel", "development", "val", "valid", "validation"), "development"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
"""Common names of partitions; a further test partition, such as test1, keeps its name."""


_GENDERS = {**dict.fromkeys(("f", "female", "w", "woman"), "F"), **dict.fromkeys(("m", "male", "man"), "M")}
_NOBODY = ("unknown", "unk")
_YES = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "y"), True),
    **dict.fromkeys(("0", "0.0", "false", "no", "n"), False),
}
_FREE = ("category", "transcript", "language", "fold", "corpus")


def utterances(
    table: pd.DataFrame,
    columns: Columns,
    tasks: Mapping[str, Task],
    partitions: Mapping[str, str],
    root: Path,
    *,
    folder: str = "",
) -> pd.DataFrame:
    """Return the contract's table of utterances.

    Args:
        table: its cells are texts, numbers or None.
        columns, tasks: the meaning of its columns.
        partitions: its names for the partitions.
        root: the folder that recordings must be in.
        folder: the folder in there that paths are relative to.

    Raises:
        AttuneError: a missing column, a cell that is not a number, or a recording outside `root`.
    """
    mapped = columns.mapped
    given = {name: column(table, own, f"columns.{name}") for name, own in mapped.items()}
    told = pd.DataFrame({name: texts(cells) for name, cells in given.items() if name not in ("start", "end", "audio")})
    disk = Disk()
    paths = given["audio"].map(_text).map(lambda name: f"{folder}/{name}" if folder else name, na_action="ignore")
    _check_no_addresses(paths, table)
    audio = paths.map(lambda name: located(root, name, disk), na_action="ignore")
    rows = pd.DataFrame({"audio": audio}, index=table.index)
    for name in ("start", "end"):
        rows[name] = times(given[name], table) if name in given else math.nan
    rows["utterance"] = _named(told.get("utterance"), rows, table)
    unknown = pd.Series(None, index=table.index, dtype=object)
    session = told.get("session", unknown)
    rows["speaker"] = _speakers(told["speaker"], rows) if "speaker" in told else rows["utterance"]
    rows["session"] = session.fillna(rows["speaker"])
    rows["dialog"] = told.get("dialog", unknown).fillna(rows["session"])
    rows["gender"] = _gender(told.get("gender"), table)
    rows["scenario"] = told["scenario"].fillna("unspecified") if "scenario" in told else "unspecified"
    for name, task in tasks.items():
        rows[name] = _rated(table, name, task)
    if "partition" in told:
        found = told["partition"].map(lambda name: _partition(name, partitions), na_action="ignore")
        remedy = "Map it in the corpus's section, as in partitions: {Probe: train}, or to development, test, test2 ..."
        rows["partition"] = understood(found, given["partition"], table, "an unknown partition", remedy)
    for name in _FREE:
        if name in told:
            rows[name] = told[name]
    return _conformed(rows.assign(source=table[files.FILE], line=table[files.LINE]), list(tasks))


def ratings(
    table: pd.DataFrame, raters: Raters, tasks: Mapping[str, Task], known: pd.DataFrame, root: Path, *, folder: str = ""
) -> pd.DataFrame:
    """Return the contract's table of ratings.

    Args:
        table: one row per rating.
        known: the utterances, which ratings name by id, or by a path that no other utterance has. Each rating that
            names no rater is another one's.
        root, folder: as for `utterances`.

    Raises:
        AttuneError: as for `utterances`.
    """
    named = texts(column(table, raters.utterance, "raters.utterance"))
    ids = _ids_by_name(known, folder)
    own = _own(table, raters)
    scores = {name: _rated(table, name, task) for name, task in tasks.items()}
    rater = texts(column(table, raters.rater, "raters.rater"))
    disk = Disk()
    spelt = {
        name: ids.get(name) or ids.get(located(root, f"{folder}/{name}" if folder else name, disk), name)
        for name in named.dropna().unique()
    }
    utterance = named.map(spelt).fillna("")
    unnamed = table[files.FILE] + ":" + table[files.LINE].astype(str)
    columns = {"utterance": utterance, "rater": rater.fillna(unnamed), "self_report": own, **scores}
    return ratings_of(columns, list(tasks))


def _ids_by_name(known: pd.DataFrame, folder: str) -> dict[Any, str]:
    """Map ids, and paths with or without `folder` that belong to one utterance alone, to utterance ids."""
    alone = known[known["audio"].notna() & ~known["audio"].duplicated(keep=False)]
    paths = dict(zip(alone["audio"], alone["utterance"], strict=True))
    start = f"{folder.strip('/')}/"
    below = {path.removeprefix(start): name for path, name in paths.items()}
    found = below | paths | {one: one for one in known["utterance"]}
    return {same(name): utterance for name, utterance in found.items()} | found


def _own(table: pd.DataFrame, raters: Raters) -> pd.Series:
    if raters.own is None:
        return pd.Series(False, index=table.index)
    cells = column(table, raters.own, "raters.own")
    own = texts(cells).map(lambda word: _YES.get(word.lower()), na_action="ignore")
    remedy = "Write yes, true or 1 where people rate themselves, and no, false, 0 or nothing elsewhere."
    return understood(own, cells, table, "neither yes nor no", remedy).eq(True)


def _rated(table: pd.DataFrame, name: str, task: Task) -> pd.Series:
    """Return a task's ratings from 1 to 5, or the numbers of its categories; NaN for a word that stands for none."""
    cells = column(table, task.column or name, f"tasks.{name}.column")
    if task.knots is None:
        words = task.words
        return texts(cells).map(lambda cell: words.get(cell.lower(), math.nan), na_action="ignore").astype("float64")
    return pd.Series(task.named(name).inside(numbers(cells, table)), index=table.index)


def located(root: Path, name: str, disk: Disk) -> str:
    """Return a recording's path below `root`, as it is spelt on disk.

    Raises:
        AttuneError: it leads out of `root`, or no file has exactly this name and several differ in spelling alone.
    """
    written = name if os.path.lexists(root / name) else name.replace("\\", "/")
    return files.within(root, files.below(root, disk.found(root, written), what="recording"))


def _conformed(rows: pd.DataFrame, tasks: list[str]) -> pd.DataFrame:
    """Return rows with all columns of the contract, in its order and types, followed by the optional ones."""
    columns = columns_of(Row, tasks)
    types = {**dict.fromkeys(columns, "str"), "line": "int64", **dict.fromkeys(("start", "end", *tasks), "float64")}
    more = [name for name in ("partition", "fold", "corpus", "language") if name in rows]
    table = rows.reindex(columns=[*columns, *more]).astype(types | dict.fromkeys(more, "str"))
    return table.sort_values("utterance", kind="stable", ignore_index=True)


def _named(given: pd.Series | None, rows: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Return the given ids; where missing, one made from the path and span, else from file and line."""
    cells = rows["audio"], rows["start"], rows["end"], table[files.FILE], table[files.LINE]
    found = pd.Series([_id(*row) for row in zip(*cells, strict=True)], index=rows.index, dtype=object)
    return found if given is None else given.where(given.notna(), found)


def _id(audio: str | None, start: float, end: float, file: str, line: int) -> str:
    if not isinstance(audio, str):
        return f"{file}:{line}"
    stem = posixpath.splitext(audio)[0]
    if math.isnan(start) and math.isnan(end):
        return stem
    return f"{stem}@{'' if math.isnan(start) else f'{start:.10g}'}-{'' if math.isnan(end) else f'{end:.10g}'}"


def texts(cells: pd.Series) -> pd.Series:
    """Return cells as text in composed form; only file names, which do not pass through here, are kept as they are."""
    told = (_text(cell) for cell in cells)
    return pd.Series([cell and same(cell) for cell in told], index=cells.index, dtype=object)


def _text(cell: Any) -> str | None:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _gender(cells: pd.Series | None, table: pd.DataFrame) -> pd.Series:
    if cells is None:
        return pd.Series("unknown", index=table.index)
    return cells.map(lambda cell: _GENDERS.get(cell.lower(), cell) if isinstance(cell, str) else "unknown")


def _speakers(named: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Return the speakers; an unknown one becomes a different speaker in every utterance."""
    return named.where(~named.map(is_nobody), rows["utterance"])


def is_nobody(name: str | None) -> bool:
    """Return whether a cell names no speaker."""
    return name is None or name.lower() in _NOBODY


def _check_no_addresses(paths: pd.Series, table: pd.DataFrame) -> None:
    for path, file, line in zip(paths, table[files.FILE], table[files.LINE], strict=True):
        if isinstance(path, str) and is_address(path):
            raise AttuneError(
                f"{path!r} is an address, not a path",
                where=f"{file}:{line}",
                remedy="Copy the recordings below corpus.root and write their paths from there.",
            )


def _partition(name: str, partitions: Mapping[str, str]) -> str | None:
    simple = name.lower()
    called = partitions.get(name) or {same(own.lower()): called for own, called in partitions.items()}.get(simple)
    if called:
        return PARTITIONS.get(called.lower(), called.lower())
    return PARTITIONS.get(simple, simple if simple.startswith("test") else None)
