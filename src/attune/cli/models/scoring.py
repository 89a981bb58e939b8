"""`attune score`: progress, the printed table and the list of files that could not be scored."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from attune import tags
from attune.errors import AttuneError
from attune.promotion import champion
from attune.registry import at_hand, running
from attune.registry.references import NAME
from attune.serving import batch_scoring, listing, score_tables
from attune.serving.listing import Item, Passed
from attune.serving.score_tables import Journal
from attune.tasks import Task, Tasks
from attune.terminal import Console
from attune.visible import on_a_line

STANDARD_OUTPUT = Path("-")
_NAMED = 5
_CONVERTIBLE = (".m4a", ".mp4", ".m4b", ".mov", ".webm", ".mkv", ".aac", ".wma", ".amr", ".3gp")


def run(
    sources: Sequence[Path],
    which: str | None,
    out: Path | None,
    *,
    name: str = NAME,
    device: str = "cpu",
    process: running.Process | None = None,
) -> None:
    """Score everything that `sources` name, and print the scores or write them to `out`.

    Args:
        which: a version, as users write it.
        name: the model if `which` does not name one.
        device: `cpu` or `cuda`.
        process: a process for the networks, started already.
    """
    to_file = out is not None and out != STANDARD_OUTPUT
    if out is not None and to_file:
        score_tables.check(out, sources)
    found = listing.find(sources)
    _tell_passed(found.passed)
    _refuse_if_hopeless(found.items)
    version = champion.find(at_hand.connect(), which, name)
    label = f"{version.name}/{version.version}"
    identity = f"{label} {version.tags.get(tags.MODEL, version.run_id)}"  # another registry may have this number too
    journal = Journal(out, identity) if out is not None and to_file else None
    with running.load(version, device, process=process) as model:
        scored, tasks = _score(model, found.items, journal), model.tasks
    table = score_tables.joined(found.items, scored, label)
    if journal:
        journal.finish(table)
    _tell(table, tasks, label, out)


def _score(model: Any, items: Sequence[Item], journal: Journal | None) -> pd.DataFrame:
    done = journal.read() if journal else pd.DataFrame()
    seen = set(score_tables.keys(done)) if len(done) else set()
    left = {item.key: item for item in items if item.key not in seen}
    tables = [done]
    for batch in _with_progress(list(batch_scoring.batches(list(left.values())))):
        files = score_tables.states(item.key[0] for item in batch)
        scored = batch_scoring.score(model, batch)
        if journal:
            journal.append(scored, files)
        tables.append(scored)
    return pd.concat([table for table in tables if len(table)], ignore_index=True)


def _refuse_if_hopeless(items: Sequence[Item]) -> None:
    """Fail before networks are loaded if the first batch has all the items and none can be scored."""
    batch = next(batch_scoring.batches(items), [])
    faults = {item.key: fault for item in batch if (fault := batch_scoring.fault(item))}
    if len(faults) == len(items):
        for (path, *_), fault in faults.items():
            _tell_fault(path, fault)
        raise _none_scored(len(items))


def _tell_passed(passed: Sequence[Passed]) -> None:
    """Print how many files of a folder are skipped, by kind, and the first few by name."""
    if not passed:
        return
    kinds = ", ".join(f"{number} {why}" for why, number in Counter(one.why for one in passed).most_common())
    names = ", ".join(on_a_line(one.path) for one in passed[:_NAMED])
    more = f" and {len(passed) - _NAMED} more" if len(passed) > _NAMED else ""
    errors = Console(stderr=True)
    errors.print(f"skipped {len(passed)}: {escape(kinds)}\n  {escape(names)}{more}", soft_wrap=True, highlight=False)
    if any(one.why in _CONVERTIBLE for one in passed):
        errors.print("  To convert other formats first: ffmpeg -i IN -vn -ar 16000 OUT.wav", highlight=False)


def _with_progress(batches: list[list[Item]]) -> Iterator[list[Item]]:
    """Yield the batches with a progress bar on a terminal, else a line after each; a single batch has neither."""
    console = Console(stderr=True)
    if len(batches) < 2 or console.is_terminal:
        yield from track(batches, "Scoring", console=console, disable=len(batches) < 2, transient=True)
        return
    done, total = 0, sum(map(len, batches))
    for batch in batches:
        yield batch
        done += len(batch)
        console.print(f"{done} of {total} files", highlight=False)


def _tell(scored: pd.DataFrame, tasks: Tasks, label: str, out: Path | None) -> None:
    good, bad = scored[scored["error"].isna()], scored[scored["error"].notna()]
    console, errors = Console(), Console(stderr=True)
    if out is None and len(good):
        console.print(_table(good, tasks, label))
    elif out == STANDARD_OUTPUT:
        print(score_tables.text(scored), end="")
    elif out is not None:
        console.print(f"{len(good)} of {len(scored)} files scored by {label}: {escape(on_a_line(out))}", soft_wrap=True)
    doubtful = good[good["warnings"].notna()]
    for path, names in zip(doubtful["path"], doubtful["warnings"], strict=True):
        errors.print(f"[yellow]{names}[/] {escape(on_a_line(path))}", soft_wrap=True, highlight=False)
    for path, error in zip(bad["path"], bad["error"], strict=True):
        _tell_fault(path, error)
    if not len(good):
        raise _none_scored(len(scored))


def _none_scored(files: int) -> AttuneError:
    return AttuneError(f"none of {files} files could be scored", remedy="What is wrong with each is said above.")


def _tell_fault(path: str, error: str) -> None:
    named = error if error.startswith(path) else f"{path}: {error}"
    Console(stderr=True).print(f"[red]not scored[/] {escape(on_a_line(named))}", soft_wrap=True, highlight=False)


def _table(scored: pd.DataFrame, tasks: Tasks, label: str) -> Table:
    folder = _common_folder(list(scored["path"]))
    title = f"{label}: {_told(tasks)}"
    title += "" if folder in ("", ".") else f"\nin {escape(on_a_line(folder))}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column("file", overflow="fold")
    for task in tasks:
        table.add_column(task.name, justify="right", overflow="fold")
    for _, row in scored.iterrows():
        name = os.path.relpath(row["path"], folder) if folder else row["path"]
        table.add_row(escape(on_a_line(name + _part(row))), *(_cell(row, task) for task in tasks))
    return table


def _told(tasks: Tasks) -> str:
    """Describe the columns, once for all tasks of the same kind."""
    kinds = dict.fromkeys((task.rated, task.scale, task.classes) for task in tasks)
    told = []
    for kind in kinds:
        rated, (low, high), classes = kind
        names = [task.name for task in tasks if (task.rated, task.scale, task.classes) == kind]
        about = f"{', '.join(names)}: " if len(kinds) > 1 else ""
        ratings = f"ratings from {low:g} to {high:g}, and probabilities of " if rated else "probabilities of "
        told.append(f"{about}{ratings}{', '.join(classes)} (%)")
    return "; ".join(told)


def _part(row: pd.Series) -> str:
    start, end = row.get("start"), row.get("end")
    if pd.isna(start) and pd.isna(end):
        return ""
    return f" {0 if pd.isna(start) else start:g}-{'' if pd.isna(end) else f'{end:g}'} s"


def _common_folder(paths: Sequence[str]) -> str:
    """Return the deepest folder that contains all paths; empty if some are absolute and others are not."""
    try:
        return os.path.commonpath([Path(path).parent for path in paths])
    except ValueError:
        return ""


def _cell(row: pd.Series, task: Task) -> str:
    shares = [float(row[f"{task.name}_{name}"]) for name in task.classes]
    said = f"{row[task.name]:.2f}" if task.rated else task.classes[shares.index(max(shares))]
    return f"[bold]{said}[/] [dim]{' '.join(f'{100 * share:3.0f}' for share in shares)}[/]"
