"""Commands for registered models."""

from pathlib import Path

import click

from attune.cli.models.importing import import_
from attune.cli.models.options import MODEL, NAME, PARAMS, takes_model
from attune.cli.options import Finite
from attune.visible import on_a_line


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|FOLDER|LIST...")
@MODEL
@PARAMS
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write a table (.csv, .parquet, .json or .jsonl) instead of printing one; an interrupted run resumes where it "
    "stopped. Use - for JSON lines on standard output.",
)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
def score(sources: tuple[Path, ...], model: str | None, params_source: str, out: Path | None, device: str) -> None:
    """Score audio files with a registered model.

    Reports the score of each rated task, such as arousal, on its scale, and the probability of each class.

    Takes audio files, folders, lists (.csv, .tsv, .parquet) with a column `path` or `file`, and - for standard input.
    A list may give segments (`start`, `end`, in seconds); its other columns are kept. Other files in a folder are
    counted, and files that cannot be scored are listed at the end; the exit code is 1 only if nothing was scored.
    """
    from attune.registry import running

    with running.Process() as process:  # imports torch while this process looks for files and the version
        from attune.cli.models import scoring
        from attune.cli.models.options import own_name

        scoring.run(sources, model, out, name=own_name(params_source), device=device, process=process)


@click.group()
def track() -> None:
    """Training runs waiting on disk until MLflow answers."""


@track.command()
def sync() -> None:
    """Send them now, in order; nothing is sent twice."""
    from attune.errors import AttuneError
    from attune.tracking.sending import sender, spool

    waiting = len(spool.pending(spool.folder()))
    left, faults = sender.sync()
    click.echo(f"{waiting - left} of {waiting} training runs sent")
    if faults:
        raise AttuneError("; ".join(faults), where=spool.folder())


@click.command()
@MODEL
@PARAMS
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Use 0.0.0.0 to accept requests from other machines."
)
@click.option("--port", type=click.IntRange(1, 65_535), default=5001, show_default=True)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option(
    "--largest-request",
    type=Finite(0.001, 4000),
    default=64.0,
    show_default=True,
    metavar="MB",
    help="Larger requests are refused (413).",
)
@click.option(
    "--most-audio",
    type=Finite(0.1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="Decoded audio per request.",
)
@click.option("--most-rows", type=click.IntRange(1), default=1000, show_default=True, help="Rows per request.")
@click.option(
    "--most-requests",
    type=click.IntRange(1),
    default=128,
    show_default=True,
    help="Requests waiting or in progress; more are refused (503).",
)
@click.option(
    "--paths",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Let requests name files below this folder, absolute or from where the server was started; without it they "
    "must send the audio itself.",
)
@click.option("--docs", is_flag=True, help="Document the API at /docs.")
def serve(
    model: str | None,
    params_source: str,
    host: str,
    port: int,
    device: str,
    largest_request: float,
    most_audio: float,
    most_rows: int,
    most_requests: int,
    paths: Path | None,
    docs: bool,
) -> None:
    """Serve a registered model over HTTP.

    POST /invocations scores, as MLflow's scoring server does; GET /ping answers while the server is up.

    \b
    curl 127.0.0.1:5001/invocations -H 'content-type: application/json' \\
      -d "{\\"dataframe_records\\": [{\\"audio\\": \\"$(base64 -w0 speech.wav)\\"}]}"
    """
    from attune.cli.models.options import version_of
    from attune.serving import server
    from attune.serving.limits import Limits

    place = server.Place(host, port)
    place.check_free()
    version = version_of(params_source, model)
    click.echo(f"{version.name}/{version.version} at {place.address}/invocations (Ctrl-C to stop)")
    limits = Limits(int(largest_request * 1e6), most_rows, most_audio, most_requests)
    server.serve(version, place, limits, device=device, paths=paths, docs=docs)


@click.command()
@MODEL
@PARAMS
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The .onnx file to write.")
def export(model: str | None, params_source: str, out: Path) -> None:
    """Export a registered model to ONNX.

    The exported model accepts batches of any lengths, masks the padding, and is checked against the networks.
    """
    from attune.cli.models.options import version_of
    from attune.registry import running

    version = version_of(params_source, model)
    with running.load(version) as networks:
        difference = networks.export(out)
    click.echo(f"{on_a_line(out)}: {version.name}/{version.version}, within {difference:.1g} of the networks")


@click.command()
@takes_model
@PARAMS
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
@click.option(
    "--files",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write the version's params.yaml and dvc.lock there, replacing existing ones.",
)
def lineage(model: str | None, params_source: str, as_json: bool, files: Path | None) -> None:
    """Show what a version was made from.

    Code, data, parameters and scores of MODEL (default: the champion, or else the candidate),
    and how to check out the same state again.
    """
    from attune.cli.models import lineage as command
    from attune.cli.models.options import find

    command.run(*find(params_source, model), as_json, files)


@click.command()
@NAME
@PARAMS
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
def versions(name: str | None, params_source: str, as_json: bool) -> None:
    """List the versions of a registered model.

    Newest first, with aliases, test UAR and commit.
    """
    from attune.cli.models import versions as command
    from attune.cli.models.options import own_name

    command.run(name or own_name(params_source), as_json)


REGISTRY_COMMANDS = (score, serve, export, import_, versions, lineage, track)
