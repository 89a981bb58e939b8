"""Commands that only run inside the containers of a Kubeflow pipeline. Hidden: users call the steps themselves."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import click

from attune.errors import AttuneError


@click.command(hidden=True, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--executor-input", required=True, help="What Kubeflow expands '{{$}}' to.")
@click.option("--download", metavar="ADDRESS", default="", help="Download ADDRESS and pass the local path instead.")
@click.option("--upload", nargs=2, metavar="NAME ADDRESS", help="Copy this output to an address, if there is one.")
@click.option("--refusal", metavar="NAME", help="Do not fail on bad input; report it in this output parameter.")
@click.option("--data-version", default="", help="What identifies the data; part of a model's lineage.")
@click.option("--nodes", metavar="JSON", help="Run it as a TrainJob, on nodes of this number and size.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def step(
    executor_input: str,
    download: str,
    upload: tuple[str, str] | None,
    refusal: str | None,
    data_version: str,
    nodes: str | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND as a component: report artifacts, scores and pages to Kubeflow."""
    from attune.kubeflow import checkpoints, environment, executor, lineage, views
    from attune.kubeflow.patience import patiently
    from attune.storage import addresses

    environment.adopt(os.environ)
    running = executor.read(executor_input)
    lineage.announce(os.environ, data_version)
    if command[0] == "score":  # writes a file into its output, and does not create the folder
        running.outputs["scores"].mkdir(parents=True, exist_ok=True)
    arguments = executor.with_whole_numbers(command)
    with tempfile.TemporaryDirectory() as folder:
        arguments = patiently(lambda: addresses.localised(arguments, download, Path(folder) / "fetched"))
        if nodes:
            _on_nodes(arguments, nodes)
        with checkpoints.kept(arguments, os.environ):
            refused = "" if nodes else patiently(lambda: _run(arguments, refusal is not None))
    if refusal:
        executor.write_parameter(running, refusal, refused)
    if upload and upload[1]:
        patiently(lambda: addresses.put(running.outputs[upload[0]], upload[1]))
    executor.write(running, views.of(command[0], running.outputs))


def _run(arguments: list[str], may_refuse: bool) -> str:
    from attune.cli import app

    try:
        app.main(args=arguments, prog_name="attune", standalone_mode=False)
    except AttuneError as error:
        if not may_refuse or error.passes:
            raise
        click.echo(str(error), err=True)
        return str(error)
    return ""


def _on_nodes(arguments: list[str], nodes: str) -> None:
    from attune.kubeflow import kubernetes_api, train_job
    from attune.kubeflow import nodes as several
    from attune.kubeflow.trainer import Trainer

    trainer = Trainer(kubernetes_api.around_us(os.environ))
    several.train(arguments, train_job.parse(nodes), trainer, os.environ)


@click.command("data-version", hidden=True)
@click.option("--executor-input", required=True, help="What Kubeflow expands '{{$}}' to.")
@click.option("--params", "params_source", default="params.yaml", metavar="FILE|JSON", help="Parameters.")
@click.option("--root", required=True, help="A real corpus: a folder or an address.")
@click.option("--given", default="", help="Used as the version unless empty.")
def data_version(executor_input: str, params_source: str, root: str, given: str) -> None:
    """Report a version that identifies the data as it is now."""
    from attune import params
    from attune.kubeflow import environment, executor
    from attune.kubeflow.patience import patiently
    from attune.storage import addresses

    environment.adopt(os.environ)
    (source,) = executor.with_whole_numbers([params_source])
    synthetic = params.load(source).corpus.kind == "synthetic"
    version = given or ("" if synthetic else patiently(lambda: addresses.version(root)))
    running = executor.read(executor_input)
    executor.write_parameter(running, "version", version)
    executor.write(running, {})
    click.echo(f"data: {version or 'synthetic, generated from the parameters'}")


@click.command(hidden=True)
@click.option("--executor-input", required=True, help="What Kubeflow expands '{{$}}' to.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the outputs of all cells.")
def gather(executor_input: str, out: Path) -> None:
    """Collect the outputs of all cells in one folder."""
    from attune.kubeflow import executor
    from attune.kubeflow.gather import gathered

    running = executor.read(executor_input)
    parts = running.inputs.get("parts", [])
    gathered(parts, out)
    executor.write(running, {})
    click.echo(f"outputs of {len(parts)} cells collected")


@click.command(hidden=True)
@click.option("--refusal", required=True, help="Why `attune validate` refused the data; empty if it did not.")
def admit(refusal: str) -> None:
    """Stop the run if validation refused the data."""
    if refusal:
        raise AttuneError(refusal)
    click.echo("validation accepted the data")


@click.command(hidden=True)
@click.option("--evaluation", type=click.Path(path_type=Path), required=True, help="Written by `attune evaluate`.")
@click.option("--params", "params_source", default="params.yaml", metavar="FILE|JSON", help="Parameters.")
@click.option("--minimum", required=True, metavar="JSON", help='Such as {"arousal": {"uar": 0.4}}.')
def gate(evaluation: Path, params_source: str, minimum: str) -> None:
    """Stop the run if a score's interval does not reach its minimum."""
    from attune import params
    from attune.artifacts.metrics import of_evaluation
    from attune.kubeflow.gate import check

    chosen = params.load(params_source)
    findings = check(
        of_evaluation(evaluation), chosen.protocol, chosen.register_.system, _mapping(minimum, "--minimum")
    )
    for found in findings:
        ending = "reached" if found.reached else "missed"
        click.echo(f"{found.task} {found.score}: lower end {found.low:.3f}, minimum {found.minimum:.3f}: {ending}")
    missed = [
        f"{found.task} {found.score} {found.low:.3f} < {found.minimum:.3f}" for found in findings if not found.reached
    ]
    if missed:
        raise AttuneError(
            f"{chosen.register_.system} is not registered: {'; '.join(missed)}",
            where="gate",
            remedy="The lower ends of the intervals must reach the pipeline's `gate`: improve the system or lower "
            "the minimum.",
        )


@click.command(hidden=True)
@click.option("--status", required=True, metavar="JSON", help="How the pipeline run ended, as Kubeflow reports it.")
def close(status: str) -> None:
    """Close the MLflow runs that this pipeline run left open, as it ended."""
    from attune.environment import PIPELINE_RUN
    from attune.kubeflow import environment
    from attune.tracking.closing import close_runs

    environment.adopt(os.environ)
    run = os.environ.get(PIPELINE_RUN)
    ended = _mapping(status, "--status").get("state", "unknown")
    closed = close_runs(run, succeeded=ended in ("SUCCEEDED", "COMPLETE", "CACHED")) if run else 0
    click.echo(f"pipeline run {run}: {ended}; {closed} MLflow runs closed")


def _mapping(text: str, where: object) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        raise AttuneError("is not a JSON object", where=where) from None


COMPONENT_COMMANDS = (step, data_version, gather, admit, gate, close)
