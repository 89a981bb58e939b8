"""`attune lineage`: where a version comes from, for people and for programs."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from attune.params import TASKS
from attune.promotion import champion
from attune.registry import retrace
from attune.tracking import client as mlflow_client


def run(which: str, as_json: bool, files: Path | None) -> None:
    """Print a version's lineage, or put its files into a folder."""
    client = mlflow_client.connect()
    version = champion.find(client, which)
    facts = retrace.facts(version)
    console = Console()
    if files is not None:
        for path in retrace.restore(client, version, files):
            console.print(str(path), soft_wrap=True, markup=False)
    elif as_json:
        print(json.dumps(facts, indent=2))
    else:
        _tell(console, f"{version.name}/{version.version}", facts, retrace.commands(version))


def _tell(console: Console, label: str, facts: dict[str, Any], commands: list[str]) -> None:
    table = Table(box=None, show_header=False, title=label, title_justify="left")
    for name, text in _rows(facts):
        table.add_row(f"[dim]{name}[/]", text, style=None)
    console.print(table)
    changed = facts.get("git.changed")
    if changed:
        console.print(
            f"[yellow]Files differed from the commit:[/] {', '.join(changed)}. Without them the state is not whole."
        )
    console.print("\nTo check the same state out again, in the repository:\n")
    for command in commands:
        console.print(f"  {command}", soft_wrap=True, markup=False, highlight=False)


def _rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    clean = {"True": "clean", "False": "with changes"}.get(str(facts.get("git.clean")), "unknown whether clean")
    rows = [
        ("commit", f"{facts.get('git.commit', 'unknown')} ({clean})"),
        ("attune", str(facts.get("version"))),
        ("system", f"{facts.get('system')}, {facts.get('protocol')}, folds {', '.join(facts.get('folds', []))}"),
        ("seeds", ", ".join(f"{section} {seed}" for section, seed in facts.get("seeds", {}).items())),
        ("pipeline run", str(facts.get("pipeline_run", "none"))),
        ("page", str(facts.get("report"))),
        *_scores(facts.get("scores", {}).get("test", {})),
    ]
    data = [(path, md5) for path, md5 in (facts.get("dvc") or {}).items() if not path.startswith("src/")]
    return rows + [("data" if not number else "", f"{md5}  {path}") for number, (path, md5) in enumerate(data)]


def _scores(test: dict[str, Any]) -> list[tuple[str, str]]:
    shown: list[tuple[str, str]] = []
    for task in TASKS:
        numbers = [f"{name.upper()} {part['value']:.3f} [{part['low']:.3f}, {part['high']:.3f}]"
                   for name, part in test.get(task, {}).items()]  # fmt: skip
        shown.append((task, "  ".join(numbers).replace("[", "\\[")))
    return shown
