"""A database in audEERING's format: a folder with a header (``db.yaml``) and tables, read with `audformat`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from attune.corpus.contract import About, Corpus, Source
from attune.corpus.rows import rating_table
from attune.corpus.tabular import files, oddities, rows
from attune.corpus.tabular.settings import Columns, Names, Partitions, SomeTasks, Task, parsed
from attune.errors import AttuneError
from attune.params import Section
from attune.storage.files import opened

if TYPE_CHECKING:
    import audformat

HEADER = "db.yaml"
_SPLITS = {"train": "train", "dev": "development", "test": "test"}


class Fields(Section):
    """The database's column for each field; one of another table is named ``table.column``."""

    speaker: str | None = None
    session: str | None = None
    dialog: str | None = None
    gender: str | None = None
    scenario: str | None = None
    category: str | None = None
    transcript: str | None = None
    language: str | None = None
    partition: str | None = None
    """By default the split that a table belongs to."""


class Audformat(Section):
    """``corpus.audformat``."""

    name: str | None = None
    """By default the database's own."""
    licence: str | None = None
    tables: str | Names
    columns: Fields = Fields()
    tasks: SomeTasks
    partitions: Partitions = Field(default_factory=dict)


def read(source: Source) -> Corpus:
    """Read the database at ``corpus.root``.

    Raises:
        AttuneError: no such database, table or column, or a recording outside the root.
    """
    settings = parsed(Audformat, source.settings.own, "corpus.audformat")
    database = _load(source.root)
    names = [settings.tables] if isinstance(settings.tables, str) else settings.tables
    table = pd.concat([_table(database, name, settings) for name in names], ignore_index=True)
    chosen = settings.columns.model_dump()
    columns = {name: name for name, column in chosen.items() if column} | {
        name: name for name in ("start", "end", "partition") if name in table and table[name].notna().any()
    }
    tasks = {name: _task(database, names, name, task) for name, task in settings.tasks.items()}
    mapped = Columns(audio="file", **columns)
    utterances = rows.utterances(table, mapped, tasks, settings.partitions, source.root)
    about = About(
        kind="audformat",
        name=settings.name or str(database.name),
        licence=settings.licence or str(database.license or ""),
        speakers_known="speaker" in columns,
        sessions_known="session" in columns,
        segments="start" in columns or "end" in columns,
        tasks=tuple(task.named(name) for name, task in tasks.items()),
        oddities=oddities.kinds(mapped, tasks),
    )
    return Corpus(utterances, rating_table([], list(tasks)), about, oddities.notes(table, mapped, tasks))


def _load(root: Path) -> "audformat.Database":
    if not (root / HEADER).is_file():
        raise AttuneError(
            f"contains no {HEADER}",
            where=root,
            remedy="Set corpus.root to the database's folder, which contains its header.",
        )
    try:
        import audformat
    except ModuleNotFoundError:
        raise AttuneError(
            "reading it needs the package audformat", where=root, remedy="pip install 'attune-speech[audformat]'"
        ) from None
    try:
        with _data_alone(root) as there:
            return audformat.Database.load(str(there), load_data=True)
    except MemoryError:
        raise
    except Exception as error:  # one message for all: yaml, pandas, arrow and the package itself each raise their own
        if isinstance(error, OSError) and error.errno:  # a fault of the disk, not of the database
            raise AttuneError(f"cannot be read ({error.strerror})", where=error.filename or root) from None
        raise AttuneError(
            f"cannot be read as an audformat database ({error})",
            where=root,
            remedy="It needs every table as CSV or Parquet: a pickle (.pkl) can run arbitrary code, and is not read.",
        ) from None


@contextmanager
def _data_alone(root: Path) -> Iterator[Path]:
    """Yield a folder with just the header and tables, no executable data: audformat prefers pickles and Python tags.

    Raises:
        OSError: a table is not a file.
        yaml.YAMLError: the header is not plain data.
    """
    import yaml

    with TemporaryDirectory() as name:
        for path in root.glob("db.*"):
            if path.suffix in (".yaml", ".csv", ".parquet"):
                opened(path).close()
                Path(name, path.name).symlink_to(path.absolute())
        yaml.safe_load(Path(name, HEADER).read_bytes())
        yield Path(name)


def _table(database: "audformat.Database", name: str, settings: Audformat) -> pd.DataFrame:
    if name not in database.tables:
        raise AttuneError(
            f"there is no table {name!r}", where=HEADER, remedy=f"It has {', '.join(sorted(database.tables))}."
        )
    table = database.tables[name]
    found = table.df.reset_index()
    split = database.splits[table.split_id].type if table.split_id else None
    wanted = {key: column for key, column in settings.columns.model_dump().items() if column}
    wanted |= {f"task {task}": chosen.column or task for task, chosen in settings.tasks.items()}
    told = {key: _column(database, name, found, column) for key, column in wanted.items()}
    out = pd.DataFrame({"file": found["file"].astype(str), **told})
    for end in ("start", "end"):
        out[end] = found[end].dt.total_seconds() if end in found else float("nan")
    if "partition" not in told:
        out["partition"] = _SPLITS.get(str(split), split)
    out = out.rename(columns={f"task {task}": chosen.column or task for task, chosen in settings.tasks.items()})
    out[files.FILE], out[files.LINE] = f"{HEADER} {name}", range(1, len(out) + 1)
    return out


def _column(database: "audformat.Database", name: str, found: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of this table, or ``table.column`` of another one."""
    if column in found:
        return found[column].astype(object).where(found[column].notna(), None)
    other, dot, own = column.partition(".")
    if dot and other in database.tables and own in database.tables[other].df:
        return _joined(found, database.tables[other].df[own])
    raise AttuneError(
        f"there is no column {column!r}",
        where=f"table {name}",
        remedy=f"It has {', '.join(database.tables[name].df.columns)}; another table's is named TABLE.COLUMN.",
    )


def _joined(found: pd.DataFrame, cells: pd.Series) -> pd.Series:
    """Return another table's cells: of the same segment, or else of the file if they are the same all over it."""
    there = cells.astype(object).dropna().rename("cell").reset_index()
    by_file = there.drop_duplicates(["file", "cell"]).drop_duplicates("file", keep=False).set_index("file")["cell"]
    whole = found["file"].map(by_file)
    if not {"start", "end"} <= {*found} & {*there}:
        return whole.where(whole.notna(), None)
    exact = found[["file", "start", "end"]].merge(there, how="left")["cell"].fillna(whole)
    return exact.where(exact.notna(), None)


def _task(database: "audformat.Database", tables: Sequence[str], name: str, task: Task) -> Task:
    """Return the task with the scale of its scheme, unless the parameters specify one.

    Raises:
        AttuneError: the tables' schemes have different scales, or the class edges are not on the scale.
    """
    where = f"corpus.audformat.tasks.{name}"
    if task.scale is None and task.knots:
        scales = list(dict.fromkeys(_scale(database, table, task.column or name) for table in tables))
        if len(scales) > 1:
            told = " and ".join("none" if scale is None else f"{scale[0]:g} to {scale[1]:g}" for scale in scales)
            raise AttuneError(
                f"the tables' schemes have different scales: {told}",
                where=where,
                remedy="Name tables that share one, or state the scale if all ratings are on it.",
            )
        task = task.model_copy(update={"scale": scales[0] and [*scales[0]]})
    try:
        task.check_scale()
    except ValueError as error:
        raise AttuneError(str(error), where=where) from None
    return task


def _scale(database: "audformat.Database", table: str, called: str) -> tuple[float, float] | None:
    """Return the lowest and highest value of a column's scheme; None if it states none."""
    other, _, own = called.partition(".")
    elsewhere = database.tables[other].columns.get(own) if other in database.tables else None
    column: Any = database.tables[table].columns.get(called) or elsewhere
    scheme = database.schemes.get(column.scheme_id) if column is not None and column.scheme_id else None
    stated = scheme is not None and scheme.minimum is not None and scheme.maximum is not None
    return (float(scheme.minimum), float(scheme.maximum)) if stated and scheme is not None else None
