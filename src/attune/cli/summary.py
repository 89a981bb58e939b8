"""What `make run` ends with: the scores, where the page is, what to do next."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attune.errors import AttuneError

if TYPE_CHECKING:
    from rich.table import Table

BASELINES = ("majority", "chance")

NEXT = (
    ("attune score FILE.wav", "a recording"),
    ("attune promote", "the candidate to champion, where the policy holds"),
    ("mlflow ui --backend-store-uri sqlite:///mlflow.db", "runs and models"),
    ("dvc metrics show", "all scores"),
)


@click.command()
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="The folder with metrics.json, registered.json and index.html.",
)
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    default=Path("data/corpus"),
    show_default=True,
    help="Folder written by `attune corpus`.",
)
def summary(reports: Path, corpus: Path) -> None:
    """Show the last run's scores, page and registered model."""
    from rich.console import Console
    from rich.padding import Padding

    console = Console(highlight=False)
    console.print(Padding(_scores(reports / "metrics.json"), (1, 2)))
    lines = [*_synthetic(corpus), *_places(reports), *_commands()]
    console.print("\n".join(f"  {line}".rstrip() for line in lines), soft_wrap=True)


def _scores(path: Path) -> "Table":
    from rich.table import Table

    metrics = _read(path)
    try:
        protocol, systems = next(iter(metrics.items()))
        pooled = {system: {task: own["uar"] for task, own in systems[system]["test"].items()} for system in systems}
        ours = [system for system in systems if system not in BASELINES]
        tasks, n = list(pooled[ours[0]]), max(score["n"] for score in pooled[ours[0]].values())
    except (StopIteration, LookupError, TypeError, AttributeError):
        raise AttuneError("does not hold scores by protocol, system, partition and task", where=path) from None
    table = Table(box=None, padding=(0, 3, 0, 0), title=f"Test UAR in % with interval, {protocol}, {n} utterances")
    table.title_justify, table.title_style = "left", "bold"
    for column in ("", *tasks):
        table.add_column(column, header_style="")
    for system in (*ours, *(name for name in BASELINES if name in systems)):
        cells = (_cell(pooled[system][task]) for task in tasks)
        table.add_row(system, *cells, style="bold" if system in ours else "dim")
    return table


def _cell(score: Mapping[str, float]) -> str:
    value, low, high = (100 * score[name] for name in ("value", "low", "high"))
    return f"{value:.1f}" if low == high else f"{value:.1f} [not bold]({low:.1f}–{high:.1f})[/]"


def _synthetic(corpus: Path) -> list[str]:
    made = (corpus / "cues.parquet").exists()
    return ["[yellow]Synthetic speech:[/] these scores say nothing about real speech.", ""] if made else []


def _places(reports: Path) -> list[str]:
    from rich.markup import escape

    page, registered = reports / "index.html", reports / "registered.json"
    lines = [f"Page    [bold]{escape(str(page))}[/]"] if page.exists() else []
    if registered.exists():
        model = _read(registered)
        lines.append(f"Model   [bold]{escape(str(model.get('name')))}[/] version {model.get('version')}")
    return [*lines, ""] if lines else []


def _commands() -> list[str]:
    width = max(len(command) for command, _ in NEXT)
    return [
        f"{'' if i else 'Next':<8}[cyan]{command:<{width}}[/]   [dim]{purpose}[/]"
        for i, (command, purpose) in enumerate(NEXT)
    ]


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise AttuneError("no such file", where=path, remedy="Run the graph first: make run") from None
    except (OSError, ValueError, TypeError) as error:
        raise AttuneError(f"cannot be read as a JSON object ({error})", where=path) from None
