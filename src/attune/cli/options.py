"""Options shared by several commands, and how their values are resolved."""

import math
import os
from contextlib import suppress
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


class Finite(click.FloatRange):
    """A number within a range; NaN, which is neither below nor above any other, and infinity are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return float(number)


def replaceable(context: click.Context, option: click.Parameter, out: Path | None) -> Path | None:
    """Refuse a folder with anything that attune did not write in it, because writing replaces all of it.

    Raises:
        AttuneError: such a folder, or one that contains the current folder.
    """
    if out is not None and _is_anothers(out):
        raise AttuneError(
            "is not a folder that attune wrote, and would be replaced with all that is in it",
            where=out,
            remedy="Name a new folder in it.",
        )
    return out


def _is_anothers(out: Path) -> bool:
    """Whether it is a folder to keep; looked at again where another process replaced it meanwhile."""
    from attune.storage.sums import SUMS

    while out.is_dir():
        with suppress(FileNotFoundError):  # replaced meanwhile
            before = out.stat()
            found = [path for path in out.iterdir() if not path.name.startswith(".")]
            ours = any((place / SUMS).exists() for place in (out, *found))
            if os.path.samestat(before, out.stat()):
                return Path.cwd().is_relative_to(out.resolve()) or (bool(found) and not ours)
    return False


def declared(step: Any, source: str) -> "Params":
    """Return the parameters, restricted to the sections that the step declares."""
    from attune import params

    return params.load(source).only(step.READS)


def root_of(given: Path | None, source: str) -> Path:
    """Return the folder of a corpus that is not synthetic: the option, else the path in the parameters."""
    from attune import params
    from attune.corpus.location import named_root

    return named_root(given or params.load(source).corpus.root)
