"""Options that several commands have, and what becomes of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from attune.params import Params

PARAMS = click.option(
    "--params", "params_source", default="params.yaml", show_default=True, metavar="FILE|JSON", help="Parameters."
)
ROOT = click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="Folder of a real corpus, overriding corpus.root; ignored for a synthetic one.",
)


def declared(step: Any, source: str) -> "Params":
    """The parameters, of which the step can read just the sections that it declares."""
    from attune import params

    return params.load(source).only(step.READS)


def root_of(given: Path | None, source: str) -> Path:
    """Where a corpus is that was not made on the spot: a path like the others, though the parameters name it."""
    from attune import params
    from attune.corpus.location import named_root

    return named_root(given or params.load(source).corpus.root)
