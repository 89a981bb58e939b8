"""Commands for Kubeflow Pipelines: compile, run locally, submit, schedule, inspect."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from attune.cli.groups import Ordered
from attune.cli.options import Finite
from attune.cli.pipelines import definitions, options
from attune.cli.pipelines import runs as pipeline_runs
from attune.cli.pipelines.component import COMPONENT_COMMANDS
from attune.cli.pipelines.runs import RUN_COMMANDS
from attune.cli.pipelines.schedule import schedule
from attune.errors import AttuneError
from attune.visible import on_a_line


@click.group(cls=Ordered)
@click.pass_context
def pipeline(ctx: click.Context) -> None:
    """Run the graph on Kubeflow Pipelines, or in containers.

    `training` goes from a corpus to a registered model; `scoring` scores a batch of audio with one.
    """
    inside = {command.name for command in COMPONENT_COMMANDS}
    if ctx.invoked_subcommand not in inside and find_spec("kfp") is None:
        raise AttuneError("kfp is not installed here", remedy="pip install 'attune-speech[pipelines]'")
    definitions.make_importable()


@pipeline.command("compile")
@options.WHICH
@options.WHAT
@click.option("--cluster", is_flag=True, help="Refuse images that are not pinned by digest.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The YAML file to write.")
def compile_(which: str, cluster: bool, out: Path, **given: Any) -> None:
    """Write the YAML that a Kubeflow Pipelines server takes."""
    from pipelines import settings as setting
    from pipelines.package import compiled

    params, settings = options.params_and_settings(given)
    if cluster:
        setting.check_pinned(settings)
    package = compiled(options.build(which, params, settings))
    package.write(out)
    click.echo(f"{package.name} {package.version}: {on_a_line(out)}")


@pipeline.command()
@options.WHICH
@options.WHAT
@options.WITH
@click.option("--gpus", is_flag=True, help="Train in the GPU image, with all GPUs of this machine.")
@click.option("--network", default="none", show_default=True, help="The containers' network, such as host for MLflow.")
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("pipeline-runs"),
    show_default=True,
    help="Artifacts, cache and, without MLFLOW_TRACKING_URI, MLflow's database.",
)
def run(which: str, gpus: bool, network: str, work: Path, **given: Any) -> None:
    """Run the pipeline in containers on this machine.

    Two folds run at a time; what has not changed comes from the cache.
    """
    from pipelines import containers, data, encoders, local, settings

    params, chosen = options.params_and_settings(given)
    params, encoder = encoders.here(params) if which == "training" else (params, None)
    arguments = options.arguments(which, params, given, resizable=False)
    there = None
    if which == "scoring" or arguments["corpus"]["kind"] != "synthetic":
        read = "audio" if which == "scoring" else "root"
        arguments[read], there = data.here(arguments[read])
    client = containers.engine()
    cpu = containers.image_id(client, chosen.images.cpu)
    gpu = containers.image_id(client, chosen.images.gpu) if gpus else cpu
    here = settings.with_images(chosen, cpu, gpu)
    place = containers.Place(
        root=work,
        mounts=tuple(path for path in (there, encoder) if path),
        environment=containers.passed_on(),
        network=network,
        gpus=gpus,
    )
    local.run(options.build(which, params, here), arguments, place, client)
    click.echo(f"{which} succeeded; its artifacts are in {on_a_line(work)}")


@pipeline.command()
@options.WHICH
@options.WHAT
@options.WITH
@options.WHERE
@options.AS
@click.option("--name", help="Name of the run; repeating it starts no second run. Default: a new name.")
@click.option(
    "--wait/--no-wait", default=True, show_default=True, help="Wait until it ends; exit code 1 unless it succeeds."
)
@click.option("--timeout", type=Finite(0), help="Longest time to wait, in seconds.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent without sending it.")
def submit(which: str, name: str | None, wait: bool, timeout: float | None, dry_run: bool, **given: Any) -> None:
    """Upload the pipeline, start a run and follow it to the end."""
    from pipelines.server import connection, needs, submission

    server = None if dry_run else connection.connect(options.wanted(given))
    package, order = options.order(which, name, given, server)
    if server is None:
        click.echo(options.shown({"pipeline": package.name, "version": package.version, **order._asdict()}))
        return
    needs.check(server, needs.of(package, order.service_account))
    nonce = submission.fresh_nonce()
    started = submission.start(server, submission.upload(server, package), order, nonce)
    known = "" if started.description == nonce else ", which has this name already; no other was added"
    click.echo(on_a_line(f"{order.name}: run {started.run_id}{known}"))
    pipeline_runs.show_where(server, started.run_id, given)
    if wait:
        pipeline_runs.follow(server, started.run_id, timeout)


for command in (*RUN_COMMANDS, schedule, *COMPONENT_COMMANDS):
    pipeline.add_command(command)
