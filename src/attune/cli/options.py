"""Options shared by several commands, and how their values are resolved."""

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
    """Return the parameters, restricted to the sections that the step declares."""
    from attune import params

    return params.load(source).only(step.READS)


def root_of(given: Path | None, source: str) -> Path:
    """Return the folder of a corpus that is not synthetic: the option, else the path in the parameters."""
    from attune import params
    from attune.corpus.location import named_root

    return named_root(given or params.load(source).corpus.root)
