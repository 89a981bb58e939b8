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
    from attune.registry import sender, spool

    waiting = len(spool.pending(spool.folder()))
    left, faults = sender.sync()
    click.echo(f"{waiting - left} of {waiting} trainings sent")
    if faults:
        raise AttuneError("; ".join(faults), where=spool.folder())


REGISTRY_COMMANDS = (score, track)
