"""`attune paper-table`: reproduce every row of the published table on one's own folds."""

from collections.abc import Callable
from pathlib import Path

import click

from attune.cli.options import PARAMS

Command = Callable[..., None]


def _folder(name: str, default: str, text: str) -> Callable[[Command], Command]:
    return click.option(name, type=click.Path(path_type=Path), default=Path(default), show_default=True, help=text)


@click.command("paper-table")
@PARAMS
@_folder("--validated", "data/validated", "Folder written by `attune validate`.")
@_folder("--store", "data/store", "Folder written by `attune preprocess`.")
@_folder("--work", "checkpoints/paper-table", "Where features, models and predictions are kept.")
@_folder("--out", "reports/paper-table", "Where the table is written.")
def paper_table(params_source: str, **paths: Path) -> None:
    """Train and test every system, fold and seed of `paper_table`.

    Runs several at once; after an interruption the same command resumes.
    """
    from attune import params
    from attune.steps.published import paper_table as step

    step.run(params.load(params_source), **paths)
