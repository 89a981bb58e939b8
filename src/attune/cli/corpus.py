"""`attune corpus`: the step, and other commands for a corpus."""

import os
from pathlib import Path

import click

from attune import environment
from attune.cli.options import PARAMS, ROOT, declared, replaceable, root_of


@click.group(invoke_without_command=True)
@PARAMS
@ROOT
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    callback=replaceable,
    help="Where to write; replaced only when the step succeeds. Required.",
)
@click.pass_context
def corpus(context: click.Context, params_source: str, root: Path | None, out: Path | None) -> None:
    """Read a corpus, or make a synthetic one, as tables."""
    if context.invoked_subcommand:
        return
    if out is None:
        raise click.MissingParameter(ctx=context, param_hint="'--out'", param_type="option")
    from attune.steps import corpus as step

    step.run(declared(step, params_source), root=root_of(root, params_source), out=out, workers=_workers())


@corpus.command()
@PARAMS
@ROOT
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The text file to write.")
def version(params_source: str, root: Path | None, out: Path) -> None:
    """Write a digest that identifies the corpus as it is now.

    It covers file names, sizes and times, so that DVC notices a change; leftover files do not count.
    """
    from attune import params
    from attune.corpus.location import identity
    from attune.storage.files import whole_file

    _check_project(os.environ.get(environment.DVC_ROOT, ""))
    made = params.load(params_source).corpus.kind == "synthetic"
    found = "synthetic" if made else identity(root_of(root, params_source))
    with whole_file(out) as file:
        file.write_text(found + "\n", encoding="utf-8")


def _check_project(folder: str) -> None:
    """Refuse a folder in which DVC itself would fail with a decoding error after this stage."""
    from attune.errors import AttuneError

    if any("\ud800" <= letter <= "\udfff" for letter in folder):
        raise AttuneError(
            "DVC cannot run in a folder whose name is not UTF-8",
            where=folder,
            remedy="Rename it; a link to it is not enough.",
        )


@corpus.command()
@PARAMS
@ROOT
def check(params_source: str, root: Path | None) -> None:
    """Preview a run: counts, balance, folds, refusals.

    Writes nothing. Exits with code 1 if the run would stop.
    """
    from attune import params
    from attune.cli import corpus_screen
    from attune.errors import AttuneError
    from attune.steps.comparing import check as corpus_check
    from attune.validation.verdict import refusal

    loaded = params.load(params_source)
    place = root_of(root, params_source)
    checked = corpus_check.run(loaded, root=place)
    corpus_screen.show(checked, loaded)
    if checked.verdict.broken:
        raise AttuneError(refusal(checked.verdict), where=place)
    checked.preview.check(loaded)


@corpus.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Write a page to this HTML file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
def compare(a: Path, b: Path, out: Path | None, as_json: bool) -> None:
    """Show how B differs from A: levels, durations, pitch, labels.

    A and B are each a folder that `attune validate` wrote, the params.yaml of a corpus, or recordings without labels,
    such as a batch to score: a folder, a file, or a list as `attune score` takes it.
    """
    from attune.cli import corpus_comparison

    corpus_comparison.run(a, b, out, as_json=as_json)


def _workers() -> int | None:
    """Return the number of worker processes set in the environment, if any."""
    import os

    from attune.environment import WORKERS
    from attune.errors import AttuneError

    given = os.environ.get(WORKERS)
    if not given:
        return None
    if not given.isdecimal() or not 1 <= int(given) <= 256:
        raise AttuneError(f"is {given!r}, not a number of processes from 1 to 256", where=WORKERS)
    return int(given)
