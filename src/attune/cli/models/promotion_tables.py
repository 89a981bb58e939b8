"""Terminal tables for verdicts, histories and comparisons."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from attune.numbers import fixed, joined, level, signed
from attune.promotion.history import Entry, champions
from attune.promotion.judge import Verdict


def verdict(judged: Verdict, dry_run: bool) -> tuple[Table, str]:
    """Return a table of all checks, and one line with the outcome."""
    against = f"against champion version {judged.champion}" if judged.champion else "as the first champion"
    if judged.champion == judged.version:
        against = "in place of a champion that is gone"
    table = _table(f"{judged.name} version {judged.version} {against}")
    for column in ("", "check", "found", "wanted"):
        table.add_column(column)
    for check in judged.checks:
        mark = "[green]yes[/]" if check.holds else "[red bold]NO[/]"
        table.add_row(mark, escape(check.about), escape(check.found), escape(check.wanted))
    return table, _sentence(judged, dry_run)


def _sentence(judged: Verdict, dry_run: bool) -> str:
    which = f"version {judged.version} of {escape(judged.name)}"
    if judged.outcome == "refused":
        return f"[red bold]Refused[/]: {which} {'would not become' if dry_run else 'does not become'} champion."
    how = "by force" if judged.outcome == "forced" else "it meets the policy"
    return f"[green bold]{'Would be promoted' if dry_run else 'Promoted'}[/]: {which} ({how})."


def history(name: str, entries: Sequence[Entry], aliased: str | None, gone: Collection[int] = ()) -> Table:
    """Return one row per change of champion, latest first; `gone` are entries whose version MLflow no longer has."""
    now = _now(champions(entries)[-1], gone) if entries else f"version {aliased}" if aliased else "none"
    table = _table(f"Champions of {name}; now: {now}")
    for column in ("when (UTC)", "version", "", "by", "why"):
        table.add_column(column)
    for entry in reversed(entries):
        when = datetime.fromtimestamp(entry.milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        action = "[red]forced[/]" if entry.forced else entry.action
        version = f"{entry.version or '?'}{' (gone)' if entry.number in gone else ''}"
        table.add_row(when if entry.milliseconds else "?", version, action, escape(entry.by), escape(entry.reason))
    return table


def _now(reigning: Entry, gone: Collection[int]) -> str:
    return f"version {reigning.version or '?'}{', which is gone' if reigning.number in gone else ''}"


def comparison(table: pd.DataFrame, title: str, confidence: float) -> Table:
    """Return one row per task and score."""
    shown = _table(title)
    for column in ("task", "score", "A", "B", f"A − B ({level(confidence)} interval)", "p", "p (Holm)"):
        shown.add_column(column, justify="left" if column in ("task", "score") else "right")
    for row in table.to_dict("records"):
        numbers = (fixed(row[name], 3) for name in ("a", "b"))
        ends = joined(*(signed(row[name], 3) for name in ("low", "high")))
        spread = f"{signed(row['difference'], 3)} ({ends})"
        style = "bold" if row["holm"] < 0.05 else None
        shown.add_row(row["task"], row["score"], *numbers, spread, f"{row['p']:.3f}", f"{row['holm']:.3f}", style=style)
    return shown


def _table(title: str) -> Table:
    return Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
