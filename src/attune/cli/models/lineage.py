"""`attune lineage`: the origin of a version, as text or JSON."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from attune.errors import AttuneError
from attune.numbers import interval
from attune.registry import retrace
from attune.terminal import Console
from attune.tracking import address

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


def run(client: "MlflowClient", version: "ModelVersion", as_json: bool, files: Path | None) -> None:
    """Print a version's lineage, or write its files to a folder."""
    facts = retrace.facts(client, version)
    console = Console()
    if "lineage" in facts and "params" not in facts:
        lost = escape(str(facts["lineage"]))
        remedy = "Its data, parameters and scores are unknown until the artifacts of its run are restored."
        Console(stderr=True).print(f"[yellow]Gone or damaged:[/] {lost}. {remedy}", soft_wrap=True, highlight=False)
    if files is not None:
        for path in retrace.restore(client, version, files):
            console.print(str(path), soft_wrap=True, markup=False)
    elif as_json:
        print(json.dumps(facts, indent=2))
    else:
        commit = str(facts.get("git.commit", "COMMIT"))
        where = f"models:/{version.name}/{version.version} in {address.whole()}"
        _tell(console, where, facts, retrace.commands(version, commit))


def _tell(console: Console, label: str, facts: dict[str, Any], commands: list[str]) -> None:
    console.print(label, soft_wrap=True, markup=False, highlight=False)
    table = Table(box=None, show_header=False)
    for name, text in _read(facts, label):
        table.add_row(f"[dim]{name}[/]", Text(text, overflow="fold"))
    console.print(table)
    changed = facts.get("git.changed")
    if isinstance(changed, list):
        console.print(
            f"[yellow]Files differed from the commit:[/] {escape(', '.join(map(str, changed)))}. "
            "Without those changes the state cannot be restored exactly."
        )
    console.print("\nTo check out the same state again, run this in the repository:\n")
    for command in commands:
        console.print(f"  {command}", soft_wrap=True, markup=False, highlight=False)


def _read(facts: dict[str, Any], label: str) -> list[tuple[str, str]]:
    try:
        return _rows(facts)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AttuneError(
            f"its lineage tags are not in the form that attune writes ({error!r})",
            where=label,
            remedy="A tag was edited in MLflow; `attune lineage --json` shows the tags as they are.",
        ) from None


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
    for task, scores in test.items():
        numbers = (f"{name.upper()} {interval(part, 3)}" for name, part in scores.items())
        shown.append((task, "  ".join(numbers)))
    return shown
