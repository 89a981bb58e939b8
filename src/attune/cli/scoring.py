"""`attune score`: progress, the printed table and the list of what could not be scored."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from attune.errors import AttuneError
from attune.params import TASKS
from attune.promotion import champion
from attune.registry import running
from attune.serving import batch_scoring
from attune.signal import CLASSES
from attune.tracking import client as mlflow_client


def run(sources: Sequence[Path], which: str | None, out: Path | None) -> None:
    """Score everything `sources` name and print it, or write it to `out`."""
    if out is not None and out.suffix.lower() not in (".csv", ".parquet"):
        raise AttuneError("the table must end in .csv or .parquet", where=out)
    paths = batch_scoring.find_audio(sources)
    version = champion.find(mlflow_client.connect(), which)
    label = f"{version.name}/{version.version}"
    journal = batch_scoring.Journal(out, label) if out else None
    with running.load(version) as model:
        scored = _score(model, paths, journal)
    if journal:
        journal.finish(scored.assign(model=label))
    _tell(scored, label, out)


def _score(model: Any, paths: Sequence[Path], journal: batch_scoring.Journal | None) -> pd.DataFrame:
    done = journal.read() if journal else pd.DataFrame()
    seen = set(done["path"]) if len(done) else set()
    tables = [done]
    batches = list(batch_scoring.batches([path for path in paths if str(path) not in seen]))
    for batch in _with_progress(batches):
        scored = batch_scoring.score(model, batch)
        if journal:
            journal.append(scored)
        tables.append(scored)
    return _in_order(pd.concat([table for table in tables if len(table)], ignore_index=True), paths)


def _with_progress(batches: list[list[Path]]) -> Iterator[list[Path]]:
    """The batches, with a bar on a terminal and a line after each elsewhere; a single one needs neither."""
    console = Console(stderr=True)
    if len(batches) < 2 or console.is_terminal:
        yield from track(batches, "Scoring", console=console, disable=len(batches) < 2, transient=True)
        return
    done, total = 0, sum(map(len, batches))
    for batch in batches:
        yield batch
        done += len(batch)
        console.print(f"{done} of {total} files", highlight=False)


def _in_order(scored: pd.DataFrame, paths: Sequence[Path]) -> pd.DataFrame:
    by_path = scored.drop_duplicates("path", keep="last").set_index("path")
    return by_path.loc[[str(path) for path in paths]].reset_index()


def _tell(scored: pd.DataFrame, label: str, out: Path | None) -> None:
    good, bad = scored[scored["error"].isna()], scored[scored["error"].notna()]
    console, errors = Console(), Console(stderr=True)
    if out is None and len(good):
        console.print(_table(good, label))
    elif out is not None:
        console.print(f"{len(good)} of {len(scored)} files scored by {label}: {escape(str(out))}", soft_wrap=True)
    for path, error in zip(bad["path"], bad["error"], strict=True):
        errors.print(f"[red]not scored[/] {escape(_named(path, error))}", soft_wrap=True, highlight=False)
    if not len(good):
        raise AttuneError(f"none of {len(scored)} files could be scored")


def _named(path: str, error: str) -> str:
    return error if error.startswith(path) else f"{path}: {error}"


def _table(scored: pd.DataFrame, label: str) -> Table:
    folder = _common_folder(list(scored["path"]))
    title = f"{label}: ratings from 1 to 5, and how likely they are low, middle, high (%)"
    title += "" if folder in ("", ".") else f"\nin {escape(folder)}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column("file", overflow="fold")
    for task in TASKS:
        table.add_column(task, justify="right", no_wrap=True)
    for _, row in scored.iterrows():
        name = os.path.relpath(row["path"], folder) if folder else row["path"]
        table.add_row(escape(name), *(_cell(row, task) for task in TASKS))
    return table


def _common_folder(paths: Sequence[str]) -> str:
    """The deepest folder that holds all of them; empty where some are absolute and others are not."""
    try:
        return os.path.commonpath([Path(path).parent for path in paths])
    except ValueError:
        return ""


def _cell(row: pd.Series, task: str) -> str:
    shares = " ".join(f"{100 * row[f'{task}_{name}']:3.0f}" for name in CLASSES)
    return f"[bold]{row[task]:.2f}[/] [dim]{shares}[/]"
