"""Commands around the champion: promote, rollback, history, compare, card."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attune.cli.models.options import NAME, takes_model
from attune.cli.options import PARAMS
from attune.visible import on_a_line

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from attune.params import Params


def _open(params_source: str) -> "tuple[MlflowClient, Params]":
    from attune import params
    from attune.tracking import client as mlflow_client

    settings = params.load(params_source)
    return mlflow_client.connect_to_read(), settings


@click.command()
@takes_model
@PARAMS
@click.option("--dry-run", is_flag=True, help="Print the verdict; change nothing in MLflow.")
@click.option("--force", is_flag=True, help="Promote even if the policy refuses; needs --reason and is recorded.")
@click.option("--reason", metavar="TEXT", help="Why it is forced.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("reports/promotion.json"),
    show_default=True,
    help="Where the verdict is written, as JSON.",
)
def promote(model: str | None, params_source: str, dry_run: bool, force: bool, reason: str | None, out: Path) -> None:
    """Make a version the champion if the policy allows it.

    MODEL defaults to the candidate of register.name, and a bare NAME means the candidate of that model.
    The policy is the section `promote` of params.yaml.

    Exit code 0: promoted (with --dry-run: would be); 1: refused, or an error.
    """
    from attune.cli.models import promotion_tables as tables
    from attune.promotion import judge
    from attune.storage.files import whole_file
    from attune.terminal import Console

    if force != bool(reason and reason.strip()):
        raise click.UsageError("--force and --reason TEXT go together")
    client, params = _open(params_source)
    with whole_file(out) as file:  # made before anything is promoted: an unwritable place changes nothing
        verdict = judge.promote(client, params, model, force=reason if force else None, dry_run=dry_run)
        file.write_text(json.dumps(verdict.as_json(), indent=2) + "\n", encoding="utf-8")
    Console().print(*tables.verdict(verdict, dry_run), sep="\n")
    sys.exit(1 if verdict.outcome == "refused" else 0)


@click.command()
@NAME
@PARAMS
@click.option("--reason", metavar="TEXT", default="rolled back", help="Reason, for the history.")
def rollback(name: str | None, params_source: str, reason: str) -> None:
    """Make the previous champion the champion again."""
    from attune.promotion import champion

    client, params = _open(params_source)
    name = name or params.register_.name
    entry = champion.rollback(client, name, reason)
    click.echo(f"The champion of {name} is version {entry.version} again.")


@click.command()
@NAME
@PARAMS
def history(name: str | None, params_source: str) -> None:
    """List the champions: when, why and by whom.

    Also corrects the alias if an earlier command was killed before it could move it.
    """
    from attune.cli.models import promotion_tables as tables
    from attune.promotion import champion
    from attune.promotion import history as log
    from attune.terminal import Console

    client, params = _open(params_source)
    name = name or params.register_.name
    if champion.settle(client, name):
        click.echo("The alias champion did not match the history; it is corrected.", err=True)
    entries = log.read(client, name)
    gone = {entry.number for entry in entries if not champion.stands(client, name, entry)}
    Console().print(tables.history(name, entries, champion.aliased(client, name), gone))


@click.command()
@click.argument("a")
@click.argument("b")
@PARAMS
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports/compare"),
    show_default=True,
    help="Folder for comparison.csv, comparison.svg and comparison.png.",
)
def compare(a: str, b: str, params_source: str, out: Path) -> None:
    """Compare two versions on the same test utterances.

    A and B are versions, aliases or run ids.

    Differences are A minus B, with intervals by a bootstrap over speakers and dialogs; p is corrected over the tasks.
    """
    from rich.markup import escape

    from attune import spreadsheets
    from attune.cli.models import promotion_tables as tables
    from attune.promotion import compare as comparing
    from attune.promotion import comparison_picture
    from attune.storage.files import whole_file
    from attune.terminal import Console

    client, params = _open(params_source)
    first, second = (comparing.subject(client, which, params.register_.name) for which in (a, b))
    table = comparing.compare(first, second, params.evaluate)
    title = f"{first.label} minus {second.label}"
    with whole_file(out / "comparison.csv") as file:
        spreadsheets.write(table.round(6), file)
    for suffix in ("svg", "png"):
        with whole_file(out / f"comparison.{suffix}") as file:
            comparison_picture.draw(file, table, title, params.evaluate.confidence)
    picture = escape(on_a_line(out / "comparison.svg"))
    Console().print(tables.comparison(table, title, params.evaluate.confidence), f"Picture: {picture}")


@click.command()
@takes_model
@PARAMS
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Markdown file to write. Default: print the card."
)
def card(model: str | None, params_source: str, out: Path | None) -> None:
    """Write the model card of a version, in Markdown.

    MODEL defaults to the champion, or else the candidate.
    """
    from attune.promotion import card as cards
    from attune.promotion import champion
    from attune.storage.files import whole_file

    client, params = _open(params_source)
    text = cards.card(client, champion.find(client, model, params.register_.name))
    if out is None:
        click.echo(text, nl=False)
        return
    with whole_file(out) as file:
        file.write_text(text, encoding="utf-8")


PROMOTION_COMMANDS = (promote, rollback, history, compare, card)
