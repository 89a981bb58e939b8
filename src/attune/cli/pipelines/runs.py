"""Commands for runs on a cluster: status, logs, list, cancel."""

import json
import sys
from typing import Any

import click

from attune.cli.pipelines import options, run_table
from attune.visible import on_a_line, visible


def follow(server: Any, run_id: str, at_most: float | None) -> None:
    """Show a run's progress until it has ended.

    Raises:
        AttuneError: it did not succeed, or the timeout expired.
    """
    from pipelines.runs import failure, watching

    try:
        with run_table.shown_live() as tell:
            ended = watching.wait(server, run_id, tell, at_most=at_most)
    except KeyboardInterrupt:
        click.echo(f"no longer watching; the run continues: attune pipeline status {run_id}", err=True)
        raise SystemExit(130) from None
    failure.check_success(server, ended)


def show_where(server: Any, run_id: str, given: dict[str, Any]) -> None:
    """Print the address of a run's page, and how to reach it with a browser."""
    from pipelines.server import connection

    click.echo(server.page(run_id))
    if command := connection.forwarding(server, options.wanted(given)):
        click.echo(f"  reach it with: {command}")


@click.command()
@click.argument("run_id", metavar="RUN")
@options.WHERE
@click.option("--wait", is_flag=True, help="Wait until it ends; exit code 1 unless it succeeds.")
@click.option("--json", "as_json", is_flag=True)
def status(run_id: str, wait: bool, as_json: bool, **given: Any) -> None:
    """Show the state of a run, its steps and cells."""
    from pipelines.runs import failure, tasks, watching
    from pipelines.server import connection

    server = connection.connect(options.wanted(given))
    if wait and not as_json:
        follow(server, run_id, None)
        return
    if wait:
        watching.wait(server, run_id, lambda _: None)
    look = watching.look(server, run_id)
    why = failure.reason(server, look.run) if look.state == tasks.FAILED else ""
    if as_json:
        found = run_table.as_json(look, server.page(run_id)) | {"reason": why or None}
        click.echo(json.dumps(found, indent=2))
        sys.exit(1 if wait and look.run.state != "SUCCEEDED" else 0)
    click.echo(on_a_line(f"{look.run.display_name or run_id}: {look.state}{f': {why}' if why else ''}"))
    show_where(server, run_id, given)
    click.echo(run_table.printed(look))


@click.command()
@click.argument("run_id", metavar="RUN")
@click.argument("task", nargs=-1, metavar="[STEP [SYSTEM] [FOLD]]")
@options.WHERE
@click.option("--follow", "follow_it", is_flag=True, help="Keep printing until the container ends.")
@click.option("--raw", is_flag=True, help="Include the output of Kubeflow's launcher and Argo's executor.")
def logs(run_id: str, task: tuple[str, ...], follow_it: bool, raw: bool, **given: Any) -> None:
    """Print the logs of a run's containers.

    Of one task, such as `train mtl-att session3`; by default of the first that failed, or of all if none did.
    """
    from pipelines.runs.logs import lines
    from pipelines.server import connection

    server = connection.connect(options.wanted(given))
    for line in lines(server, run_id, task, raw=raw, follow=follow_it):
        click.echo(visible(f"{line.task} | {line.text}"))


@click.command()
@click.argument("run_id", metavar="RUN")
@options.WHERE
def cancel(run_id: str, **given: Any) -> None:
    """Stop a run.

    Its pods are stopped; the step `close` still closes its MLflow runs.
    """
    from pipelines.runs import listing
    from pipelines.server import connection

    server = connection.connect(options.wanted(given))
    listing.cancel(server, run_id)
    click.echo(f"cancelling {run_id}\nattune pipeline status {run_id} --wait    # until it has ended")


@click.command("list")
@options.WHERE
@click.option("--experiment", help="Only runs of this experiment.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many to list.")
@click.option("--json", "as_json", is_flag=True)
def list_(experiment: str | None, limit: int, as_json: bool, **given: Any) -> None:
    """List runs, newest first."""
    from pipelines.runs import listing
    from pipelines.server import connection

    found = listing.listed(connection.connect(options.wanted(given)), limit, experiment)
    if as_json:
        known = [one._asdict() | {"started": run_table.moment(one.started)} for one in found]
        click.echo(json.dumps(known, indent=2))
        return
    for one in found:
        began = f"{one.started:%Y-%m-%d %H:%M} UTC" if one.started else f"{'':20}"
        click.echo(on_a_line(f"{began}  {one.state:<15}  {one.id}  {one.name}"))
    if not found:
        click.echo("no runs", err=True)


RUN_COMMANDS = (status, logs, cancel, list_)
