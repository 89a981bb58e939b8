"""Finding and reading what `attune predict` wrote, wherever it lies, and refusing all but exactly what was asked."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from attune.errors import AttuneError
from attune.params import TASKS

COLUMNS = ("system", "fold", "partition", "utterance", "task", "low", "middle", "high", "predicted", "score")
PARTITIONS = ("development", "test")
FILE = "predictions.parquet"


class Run(NamedTuple):
    """One system on one fold: where its predictions lie and what `provenance.json` says of them."""

    system: str
    fold: str
    folder: Path
    provenance: dict[str, Any]


def find(paths: Iterable[Path], *, protocol: str, systems: Sequence[str], folds: Sequence[str]) -> list[Run]:
    """The run of every system on every fold, in that order; whatever else lies there is ignored.

    Args:
        paths: folders written by `attune predict`, or folders above several.

    Raises:
        AttuneError: a path without predictions, and a run that is missing, found twice or of another protocol.
    """
    places = list(paths)
    found: dict[tuple[str, str], list[Run]] = {}
    for folder in dict.fromkeys(folder for path in places for folder in _folders(path)):
        run = _run(folder)
        found.setdefault((run.system, run.fold), []).append(run)
    return [_only(found, system, fold, protocol, places) for system in systems for fold in folds]


def read(run: Run) -> pd.DataFrame:
    """The predictions of a run, one row per partition, utterance and task, with `COLUMNS`.

    Raises:
        AttuneError: a file that is not such a table, holds rows of another run, or lacks numbers.
    """
    path = run.folder / FILE
    table = read_table(path, COLUMNS)
    strangers = table[(table["system"] != run.system) | (table["fold"] != run.fold)]
    if len(strangers):
        other = strangers.iloc[0]
        raise AttuneError(f"holds predictions of {other['system']} on {other['fold']}", where=path, remedy=_AGAIN)
    _refuse(table, ~table["task"].isin(TASKS) | ~table["partition"].isin(PARTITIONS), "no such task or partition", path)
    _refuse(table, table[list(COLUMNS[5:])].isna().any(axis=1), "a prediction is not a number", path)
    _refuse(table, ~table["predicted"].isin(range(3)), "a predicted class is not 0, 1 or 2", path)
    return table


def check_covers(table: pd.DataFrame, expected: Mapping[str, Iterable[str]], where: Path) -> None:
    """Refuse predictions, or weights, of anything but exactly the `expected` utterances, for every task.

    Args:
        table: ``partition, utterance, task`` and whatever else.
        expected: utterances by partition.
        where: the file it came from.

    Raises:
        AttuneError: an utterance that is lacking, one that does not belong there, or one that occurs twice.
    """
    _refuse(table, table.duplicated(["partition", "utterance", "task"]), "an utterance occurs twice", where)
    for partition, utterances in expected.items():
        wanted = set(utterances)
        rows = table[table["partition"] == partition]
        for task in TASKS:
            present = set(rows.loc[rows["task"] == task, "utterance"])
            for problem, names in (("lacks", wanted - present), ("holds unknown", present - wanted)):
                if names:
                    raise AttuneError(
                        f"{problem} {len(names)} utterances for {task} in the {partition} partition: {min(names)}"
                        + (" ..." if len(names) > 1 else ""),
                        where=where,
                        remedy=_AGAIN,
                    )


def read_table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """These columns of a parquet file.

    Raises:
        AttuneError: the file is missing, is not parquet, or lacks a column.
    """
    try:
        lacking = [name for name in columns if name not in pq.read_schema(path).names]
        if not lacking:
            return pd.read_parquet(path, columns=list(columns))
    except FileNotFoundError:
        raise AttuneError("no such file", where=path, remedy=_AGAIN) from None
    except (pa.ArrowException, OSError) as error:
        raise AttuneError(f"cannot be read ({error})", where=path, remedy=_AGAIN) from None
    raise AttuneError(f"has no column {lacking[0]!r}", where=path, remedy=_AGAIN)


_AGAIN = "Run the step that writes it again."


def _folders(path: Path) -> list[Path]:
    """Resolved folders at or under `path` that hold predictions, half-written (hidden) ones left out."""
    if not path.is_dir():
        raise AttuneError("no such folder", where=path, remedy="Run `attune predict`, or name another --predictions.")
    files = sorted(file for file in path.rglob(FILE) if not _hidden(file.relative_to(path)))
    if not files:
        raise AttuneError("holds no predictions", where=path, remedy="Run `attune predict` for every system and fold.")
    return [file.parent.resolve() for file in files]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _run(folder: Path) -> Run:
    path = folder / "provenance.json"
    try:
        provenance = json.loads(path.read_text(encoding="utf-8"))
        return Run(provenance["system"], provenance["fold"], folder, provenance)
    except FileNotFoundError:
        raise AttuneError("no such file beside the predictions", where=path, remedy=_AGAIN) from None
    except (ValueError, KeyError, TypeError) as error:
        raise AttuneError(
            f"does not say which system and fold these are ({error!r})", where=path, remedy=_AGAIN
        ) from None


def _only(
    found: dict[tuple[str, str], list[Run]], system: str, fold: str, protocol: str, places: Sequence[Path]
) -> Run:
    runs = found.get((system, fold), [])
    if not runs:
        raise AttuneError(
            f"no predictions of {system} on {fold}",
            where=", ".join(map(str, places)),
            remedy=f"Run `attune predict` for it, or take {system} or {fold} out of the parameters.",
        )
    if len(runs) > 1:
        raise AttuneError(
            f"predictions of {system} on {fold} were found twice: {runs[0].folder} and {runs[1].folder}",
            remedy="Name only one of them by --predictions.",
        )
    theirs = runs[0].provenance.get("protocol")
    if theirs != protocol:
        raise AttuneError(
            f"{system} on {fold} was trained under the protocol {theirs}, not {protocol}",
            where=runs[0].folder,
            remedy="Train and predict it again under this protocol, or set `protocol` to the other.",
        )
    return runs[0]


def _refuse(table: pd.DataFrame, faulty: "pd.Series[bool]", what: str, path: Path) -> None:
    if faulty.any():
        row = table[faulty].iloc[0]
        raise AttuneError(
            f"{what} ({row['partition']}, {row['utterance']}, {row['task']}; {int(faulty.sum())} such rows)",
            where=path,
            remedy=_AGAIN,
        )
