"""Recurring runs of a pipeline."""

from typing import Any

import click

from attune.cli.pipelines import options
from attune.visible import on_a_line


@click.group()
def schedule() -> None:
    """Manage schedules: create, list, pause, resume, delete."""


@schedule.command()
@options.WHICH
@options.WHAT
@options.WITH
@options.WHERE
@options.AS
@click.option("--name", required=True, help="Name of the schedule; it must be new.")
@click.option("--cron", required=True, help="Six fields, seconds first: '0 0 3 * * 1' is Mondays at 3:00.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent without sending it.")
def create(which: str, name: str, cron: str, dry_run: bool, **given: Any) -> None:
    """Upload the pipeline and run it at fixed times.

    Runs of one schedule never overlap.
    """
    from pipelines.server import connection, needs, submission
    from pipelines.server import schedule as schedules

    server = None if dry_run else connection.connect(options.wanted(given))
    package, ordered = options.order(which, name, given, server)
    if server is None:
        click.echo(
            options.shown({"pipeline": package.name, "version": package.version, **ordered._asdict(), "cron": cron})
        )
        return
    needs.check(server, needs.of(package, ordered.service_account))
    _tell(schedules.create(server, submission.upload(server, package), ordered, cron))


@schedule.command("list")
@options.WHERE
def list_(**given: Any) -> None:
    """List all schedules."""
    from pipelines.server import connection
    from pipelines.server import schedule as schedules

    found = schedules.listed(connection.connect(options.wanted(given)))
    for one in found:
        _tell(one)
    if not found:
        click.echo("no schedules", err=True)


@schedule.command()
@click.argument("which", metavar="NAME|ID")
@options.WHERE
def pause(which: str, **given: Any) -> None:
    """Start no runs of a schedule until it is resumed."""
    _apply("pause", which, given)


@schedule.command()
@click.argument("which", metavar="NAME|ID")
@options.WHERE
def resume(which: str, **given: Any) -> None:
    """Start runs of a schedule again."""
    _apply("resume", which, given)


@schedule.command()
@click.argument("which", metavar="NAME|ID")
@options.WHERE
def delete(which: str, **given: Any) -> None:
    """Delete a schedule; its past runs stay."""
    _apply("delete", which, given)


def _apply(what: str, which: str, given: dict[str, Any]) -> None:
    from pipelines.server import connection
    from pipelines.server import schedule as schedules

    done = getattr(schedules, what)(connection.connect(options.wanted(given)), which)
    click.echo(on_a_line(f"{what}d {done.name} ({done.id})"))


def _tell(one: Any) -> None:
    click.echo(on_a_line(f"{one.name}  {one.cron}  {'enabled' if one.enabled else 'paused'}  {one.id}"))
