"""Output of `attune predict` for every system and fold, wherever it is; refused unless it is exactly as expected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from attune.artifacts import records
from attune.artifacts.door import again, legible, reading
from attune.artifacts.tables import NUMBER, SMALL, TEXT, Table
from attune.errors import AttuneError
from attune.tasks import PAPER, Task, Tasks, as_json, class_names, names_of, parse

PARTITIONS = ("development", "test")
_STEP = "predict"
_KEY = dict.fromkeys(("system", "fold", "partition", "utterance", "task"), TEXT)

PREDICTIONS = Table("predictions.parquet", _STEP, {**_KEY, "predicted": SMALL, "score": NUMBER})
"""One row per partition, utterance and task: class probabilities, the most likely class, the score.

In addition, a column per class of any task, null where the task has no such class; categories have no score.
"""

WEIGHTS = Table("attention.parquet", _STEP, {**_KEY, "weights": pa.list_(pa.float32())})
"""The same rows with the attention weights of all windows; no rows for a system without attention."""

_PROVENANCE = "provenance.json"
_AGAIN = again(_STEP)


class Provenance(NamedTuple):
    """The origin of predictions, and the training partition's majority class and mean rating by task.

    Ratings are on the corpus's own scale; categories have none. `weights_sha256` is the digest of the model's weights,
    as in its model.json.
    """

    protocol: str
    system: str
    fold: str
    weights_sha256: str
    majority_class: Mapping[str, int]
    mean_rating: Mapping[str, float]
    tasks: Tasks = PAPER


class Run(NamedTuple):
    """One system on one fold: the folder and origin of its predictions."""

    folder: Path
    provenance: Provenance

    @property
    def system(self) -> str:
        return self.provenance.system

    @property
    def fold(self) -> str:
        return self.provenance.fold


def write_provenance(folder: Path, provenance: Provenance) -> None:
    """Write provenance.json into an existing folder."""
    values = provenance._asdict()
    values |= {"tasks": as_json(provenance.tasks)}
    if provenance.tasks == PAPER:
        del values["tasks"]
    records.write(folder / _PROVENANCE, values)


def table(tasks: Tasks) -> Table:
    """Return `PREDICTIONS` with the columns of the tasks' classes."""
    end = {name: PREDICTIONS.columns[name] for name in ("predicted", "score")}
    return Table(PREDICTIONS.file, _STEP, {**_KEY, **dict.fromkeys(class_names(tasks), NUMBER), **end})


def find(paths: Iterable[Path], *, protocol: str, systems: Sequence[str], folds: Sequence[str]) -> list[Run]:
    """Find the run of every system on every fold, in that order; others are ignored.

    Args:
        paths: folders written by `attune predict`, or folders above several.

    Raises:
        AttuneError: a path without predictions, or a run that is missing, unreadable, found twice or of another
            protocol.
    """
    places = list(paths)
    found: dict[tuple[str, str], list[Run]] = {}
    origins, errors = legible(_all_folders(places), read_provenance)
    for run in map(Run, origins, origins.values()):
        found.setdefault((run.system, run.fold), []).append(run)
    if errors and not set(product(systems, folds)) <= found.keys():
        raise errors[0]
    return [_only(found, system, fold, protocol, places) for system in systems for fold in folds]


def runs(paths: Iterable[Path]) -> Iterator[Run]:
    """Yield every run whose predictions are in or below these folders, whatever its system and fold.

    Raises:
        AttuneError: a path without predictions.
    """
    for folder in _all_folders(paths):
        yield Run(folder, read_provenance(folder))


def _all_folders(paths: Iterable[Path]) -> Iterable[Path]:
    return dict.fromkeys(folder for path in paths for folder in _folders(path))


def read_provenance(folder: Path) -> Provenance:
    """Read the origin of the predictions in a folder.

    Raises:
        AttuneError: the file is missing, has changed, or is incomplete.
    """
    path = folder / _PROVENANCE
    values = records.read(path, _STEP)
    with reading(path, _STEP):
        tasks = parse(values["tasks"]) if "tasks" in values else PAPER
        return Provenance(
            **{name: str(values[name]) for name in ("protocol", "system", "fold", "weights_sha256")},
            majority_class={task.name: _class(values["majority_class"], task) for task in tasks},
            mean_rating={task.name: float(values["mean_rating"][task.name]) for task in tasks if task.rated},
            tasks=tasks,
        )


def _class(numbers: Mapping[str, Any], task: Task) -> int:
    return range(len(task.classes)).index(int(numbers[task.name]))


def read(run: Run) -> pd.DataFrame:
    """Read the predictions of a run, one row per partition, utterance and task.

    Raises:
        AttuneError: the file is not such a table, has rows of another run, or lacks numbers.
    """
    path, tasks = PREDICTIONS.path(run.folder), run.provenance.tasks
    form = table(tasks)
    found = form.read(run.folder, *form.columns, categories=("system", "fold", "partition", "task"))
    strangers = found[(found["system"] != run.system) | (found["fold"] != run.fold)]
    if len(strangers):
        other = strangers.iloc[0]
        raise AttuneError(f"has predictions of {other['system']} on {other['fold']}", where=path, remedy=_AGAIN)
    known = found["task"].isin(names_of(tasks)) & found["partition"].isin(PARTITIONS)
    _refuse(found, ~known, "no such task or partition", path)
    for task in tasks:
        own, last = found["task"] == task.name, len(task.classes) - 1
        numbers = [*task.classes, "predicted", *(["score"] if task.rated else [])]
        _refuse(found, own & found[numbers].isna().any(axis=1), "a prediction is not a number", path)
        _refuse(found, own & ~found["predicted"].between(0, last), f"a predicted class is not one of 0 to {last}", path)
    return found


def check_covers(table: pd.DataFrame, expected: Mapping[str, Iterable[str]], where: Path, tasks: Tasks = PAPER) -> None:
    """Raise unless predictions, or weights, are of exactly the `expected` utterances, for every task.

    Args:
        table: with ``partition``, ``utterance``, ``task`` and any other columns.
        expected: utterances by partition.
        where: the file it came from.

    Raises:
        AttuneError: an utterance is missing, does not belong there, or occurs twice.
    """
    _refuse(table, table.duplicated(["partition", "utterance", "task"]), "an utterance occurs twice", where)
    for partition, utterances in expected.items():
        wanted = set(utterances)
        rows = table[table["partition"] == partition]
        for task in names_of(tasks):
            present = set(rows.loc[rows["task"] == task, "utterance"])
            for problem, names in (("lacks", wanted - present), ("has unknown", present - wanted)):
                if names:
                    raise AttuneError(
                        f"{problem} utterances for {task} in the {partition} partition: {min(names)}"
                        + (f" and {len(names) - 1} more" if len(names) > 1 else ""),
                        where=where,
                        remedy=_AGAIN,
                    )


def _folders(path: Path) -> Iterator[Path]:
    """Return resolved folders at or below `path` that contain predictions, without half-written (hidden) ones."""
    if not path.is_dir():
        raise AttuneError("no such folder", where=path, remedy="Run `attune predict`, or name another --predictions.")
    files = sorted(file for file in path.rglob(PREDICTIONS.file) if not _hidden(file.relative_to(path)))
    if not files:
        raise AttuneError("has no predictions", where=path, remedy="Run `attune predict` for every system and fold.")
    return (file.parent.resolve() for file in files)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _only(
    found: dict[tuple[str, str], list[Run]], system: str, fold: str, protocol: str, places: Sequence[Path]
) -> Run:
    runs = found.get((system, fold), [])
    if not runs:
        raise AttuneError(
            f"no predictions of {system} on {fold}",
            where=", ".join(map(str, places)),
            remedy=f"Run `attune predict` for it, or remove {system} or {fold} from the parameters.",
        )
    if len(runs) > 1:
        raise AttuneError(
            f"predictions of {system} on {fold} were found twice: {runs[0].folder} and {runs[1].folder}",
            remedy="Pass only one of them with --predictions.",
        )
    theirs = runs[0].provenance.protocol
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
