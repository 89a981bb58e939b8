"""The output at the end of `make run`: the scores, the page's address, and what to do next."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attune.errors import AttuneError

if TYPE_CHECKING:
    from rich.table import Table

    from attune.artifacts.registered import Registered
    from attune.numbers import Score
    from attune.registry.glance import Seen

NEXT = (
    ("attune score FILE.wav", "score a recording"),
    ("attune promote", "make the candidate champion, if the policy allows it"),
    ("mlflow ui --backend-store-uri sqlite:///mlflow.db", "browse runs and models"),
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
    from rich.padding import Padding

    from attune.terminal import Console

    console = Console(highlight=False)
    console.print(Padding(_scores(reports), (1, 2)))
    lines = [*_synthetic(corpus), *_places(reports), *_commands()]
    console.print("\n".join(f"  {line}".rstrip() for line in lines), soft_wrap=True)


def _scores(reports: Path) -> "Table":
    from rich.table import Table

    from attune.artifacts.metrics import BASELINES, FILE, read

    path = reports / FILE
    if not path.exists():
        raise AttuneError("no such file", where=path, remedy="Run the graph first: make run")
    metrics = read(path)
    if not metrics.models:
        raise AttuneError("has no scores of any model", where=path, remedy="Run `attune evaluate` again.")
    metrics.require(metrics.protocol, metrics.models)
    n = max((metrics.of(system)[task]["uar"].n or 0 for system in metrics.models for task in metrics.tasks), default=0)
    title = f"Test UAR in % with interval, {metrics.protocol}, {n} utterances"
    table = Table(box=None, padding=(0, 3, 0, 0), title=title)
    table.title_justify, table.title_style = "left", "bold"
    for column in ("", *metrics.tasks):
        table.add_column(column, header_style="")
    for system in (*metrics.models, *(name for name in BASELINES if name in metrics.systems)):
        cells = (_cell(metrics.of(system)[task]["uar"]) for task in metrics.tasks)
        table.add_row(system, *cells, style="bold" if system in metrics.models else "dim")
    return table


def _cell(score: "Score") -> str:
    if score.low is None or score.high is None or score.low == score.high:
        return f"{100 * score.value:.1f}"
    return f"{100 * score.value:.1f} [not bold]({100 * score.low:.1f}–{100 * score.high:.1f})[/]"


def _synthetic(corpus: Path) -> list[str]:
    from attune.artifacts.utterances import is_synthetic

    made = is_synthetic(corpus)
    return ["[yellow]Synthetic speech:[/] these scores say nothing about real speech.", ""] if made else []


def _places(reports: Path) -> list[str]:
    from rich.markup import escape

    from attune.artifacts import page, registered

    path, about = reports / page.FILE, reports / registered.FILE
    lines = [f"Page    [bold]{escape(str(path))}[/]"] if path.exists() else []
    if about.exists():
        made = registered.read(about)
        lines += [f"Model   {_model(made)}", *_page_of_mlflow(made)]
    return [*lines, ""] if lines else []


def _page_of_mlflow(registered: "Registered") -> list[str]:
    from rich.markup import escape

    from attune.registry import glance
    from attune.tracking import address

    experiment = glance.experiment_of(registered.run_id)
    return [f"MLflow  {escape(address.page(experiment))}"] if experiment else []


def _model(registered: "Registered") -> str:
    """Describe the registered model from the current registry, not from the file."""
    from rich.markup import escape

    from attune.promotion import champion
    from attune.registry import at_hand, glance
    from attune.registry.references import CHAMPION
    from attune.tracking import address

    if registered.version is None:
        return "tracked only, as register.experiments in params.yaml says"
    name, where = registered.name, escape(address.whole())
    try:
        seen = glance.look(name, registered.model) or _as_mlflow_sees(name, registered.model)
        aliases = dict(seen.aliases) if seen else {}
        if CHAMPION in aliases:
            aliases = champion.told(at_hand.connect(), name, aliases)
    except AttuneError as error:
        return f"[yellow]not known:[/] {escape(str(error.what))} ({where})"
    if seen is None:
        return f"[yellow]not registered[/] in {where}: `dvc repro` registers it there"
    own = ", ".join(sorted(alias for alias, version in aliases.items() if version == seen.version))
    return f"[bold]{escape(name)}[/] version [bold]{seen.version}[/]{f' ({escape(own)})' if own else ''}"


def _as_mlflow_sees(name: str, model: str) -> "Seen | None":
    """The same as `glance.look`, but through MLflow itself."""
    from attune.registry import identity
    from attune.registry.glance import Seen
    from attune.tracking import client as mlflow_client

    client = mlflow_client.connect_to_read()
    with mlflow_client.answering():
        found = identity.find(client, name, model)
        aliases = client.get_registered_model(name).aliases if found else {}
    own = {str(alias): str(version) for alias, version in aliases.items()}
    return Seen(str(found.version), str(found.run_id), own) if found else None


def _commands() -> list[str]:
    width = max(len(command) for command, _ in NEXT)
    return [
        f"{'' if i else 'Next':<8}[cyan]{command:<{width}}[/]   [dim]{purpose}[/]"
        for i, (command, purpose) in enumerate(NEXT)
    ]
