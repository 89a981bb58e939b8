"""Options shared by several commands, and how their values are resolved."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attune.errors import AttuneError

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


def replaceable(context: click.Context, option: click.Parameter, out: Path | None) -> Path | None:
    """Refuse a folder with anything that attune did not write in it, because writing replaces all of it.

    Raises:
        AttuneError: such a folder, or one that contains the current folder.
    """
    if out is None or not out.is_dir():
        return out
    from attune.artifacts.sums import SUMS

    found = [path for path in out.iterdir() if not path.name.startswith(".")]
    ours = any((place / SUMS).exists() for place in (out, *found))
    if Path.cwd().is_relative_to(out.resolve()) or (found and not ours):
        raise AttuneError(
            "is not a folder that attune wrote, and would be replaced with all that is in it",
            where=out,
            remedy="Name a new folder in it.",
        )
    return out


def declared(step: Any, source: str) -> "Params":
    """Return the parameters, restricted to the sections that the step declares."""
    from attune import params

    return params.load(source).only(step.READS)


def root_of(given: Path | None, source: str) -> Path:
    """Return the folder of a corpus that is not synthetic: the option, else the path in the parameters."""
    from attune import params
    from attune.corpus.location import named_root

    return named_root(given or params.load(source).corpus.root)
