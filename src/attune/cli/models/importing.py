"""`attune import`: register a published model as a version."""

from collections.abc import Callable
from pathlib import Path

import click

from attune.cli.models.options import PARAMS

Command = Callable[..., None]


def _folder(name: str, default: str, text: str) -> Callable[[Command], Command]:
    return click.option(name, type=click.Path(path_type=Path), default=Path(default), show_default=True, help=text)


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path), metavar="FOLDER")
@PARAMS
@_folder("--corpus", "data/corpus", "Folder written by `attune corpus`.")
@_folder("--validated", "data/validated", "Folder written by `attune validate`.")
@_folder("--store", "data/store", "Folder written by `attune preprocess`.")
@_folder("--out", "imported", "Where models, predictions and reports are written.")
def import_(params_source: str, **paths: Path) -> None:
    """Register a published dimensional model.

    FOLDER contains it in Hugging Face's layout, with weights in safetensors. It is tested on your folds and becomes a
    new version (alias candidate), which can be compared, promoted, used for scoring and served like your own.
    """
    from attune import params
    from attune.steps import import_model as step

    step.run(params.load(params_source), **paths)
