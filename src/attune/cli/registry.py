"""Commands around registered models."""

from pathlib import Path

import click

MODEL = click.option(
    "--model",
    metavar="VERSION",
    help="A version number, an alias, or models:/NAME@ALIAS. Default: the champion, or else the candidate.",
)


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|FOLDER|TABLE...")
@MODEL
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a table (.csv or .parquet) instead of printing one; an interrupted run goes on where it stopped.",
)
def score(sources: tuple[Path, ...], model: str | None, out: Path | None) -> None:
    """Score speech: arousal, valence and dominance from 1 to 5, and the probability of each class.

    Takes audio files, folders, and tables (.csv, .parquet) with a column `path`. Files that cannot be scored are
    listed at the end; the exit code is 1 only where none could be.
    """
    from attune.cli import scoring

    scoring.run(sources, model, out)


@click.group()
def track() -> None:
    """What trainings left on disk for MLflow while it did not answer."""


@track.command()
def sync() -> None:
    """Send it now, in order; what has been sent is not sent again."""
    from attune.errors import AttuneError
    from attune.tracking import sender, spool

    waiting = len(spool.pending(spool.folder()))
    left, faults = sender.sync()
    click.echo(f"{waiting - left} of {waiting} trainings sent")
    if faults:
        raise AttuneError("; ".join(faults), where=spool.folder())


@click.command()
@MODEL
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 answers other machines too.")
@click.option("--port", default=5001, show_default=True)
@click.option("--largest-request", default=256.0, show_default=True, metavar="MB", help="More is answered with 413.")
@click.option(
    "--paths",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Let requests name files below this folder; without it they must send the audio itself.",
)
def serve(model: str | None, host: str, port: int, largest_request: float, paths: Path | None) -> None:
    """Serve a model over HTTP by MLflow's scoring server: POST /invocations, GET /ping.

    \b
    curl 127.0.0.1:5001/invocations -H 'content-type: application/json' \\
      -d "{\\"dataframe_records\\": [{\\"audio\\": \\"$(base64 -w0 speech.wav)\\"}]}"
    """
    from attune.registry import versions
    from attune.serving import server
    from attune.tracking import client

    version = versions.find(client.connect(), model)
    click.echo(f"{version.name}/{version.version} at http://{host}:{port}/invocations (Ctrl-C ends it)")
    server.serve(
        version,
        host=host,
        port=port,
        largest_request=int(largest_request * 1e6),
        paths=str(paths) if paths else None,
    )


@click.command()
@MODEL
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The .onnx file to write.")
def export(model: str | None, out: Path) -> None:
    """Write a model as ONNX, checked against the networks: waveforms of any length at once, padding masked."""
    from attune.registry import versions
    from attune.tracking import client

    version = versions.find(client.connect(), model)
    folds = versions.weights(versions.fetch(version))
    from attune.served import (
        ensemble,
        onnx,  # after the version's own code is in place
    )

    difference = onnx.write(ensemble.load(folds), out)
    click.echo(f"{out}: {version.name}/{version.version}, within {difference:.1g} of the networks")


@click.command()
@click.argument("version")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@click.option(
    "--files",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Put the version's params.yaml and dvc.lock there, over what is there.",
)
def lineage(version: str, as_json: bool, files: Path | None) -> None:
    """Tell where VERSION (a number, an alias) comes from, and how to check the same state out again."""
    from attune.cli import lineage as command

    command.run(version, as_json, files)


REGISTRY_COMMANDS = (score, serve, export, lineage, track)
