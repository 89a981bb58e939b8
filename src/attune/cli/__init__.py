"""The command line: every command parses, calls one function and prints. Heavy modules are imported inside."""

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from attune import __version__
from attune.cli import missing
from attune.cli.groups import Ordered
from attune.cli.models.importing import import_
from attune.cli.models.promotion import PROMOTION_COMMANDS
from attune.cli.models.registry import REGISTRY_COMMANDS
from attune.cli.paper_table import paper_table
from attune.cli.pipelines.commands import pipeline
from attune.cli.steps import STEP_COMMANDS
from attune.cli.store import store
from attune.cli.summary import summary
from attune.errors import AttuneError
from attune.storage.files import FULL
from attune.visible import as_in_json, on_a_line

_NEED_TRAIN = {command.name for command in (*STEP_COMMANDS, *PROMOTION_COMMANDS, import_, paper_table)}


class _Door(Ordered):
    """Escapes control characters in click's error messages, which quote what the user typed, and explains Ctrl-C and
    missing packages."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        with _shown():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _shown():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            remedy = "Nothing is left half-written; the same command begins again, or resumes where it can."
            raise AttuneError("interrupted (Ctrl-C)", remedy=remedy) from None
        except ModuleNotFoundError as error:
            for_graph = ctx.invoked_subcommand in _NEED_TRAIN
            advice = missing.advice(error.name or "", for_graph=for_graph)
            if advice is None:
                raise
            raise AttuneError(f"this command needs {error.name}, which is not installed", remedy=advice) from None


@contextmanager
def _shown() -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        for name, said in vars(error).items():
            if isinstance(said, str):
                setattr(error, name, on_a_line(said))
        raise


@click.group(cls=_Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="attune")
def app() -> None:
    """Arousal, valence and dominance from the raw waveform of speech.

    The steps below are the stages of dvc.yaml and the components of the Kubeflow pipeline; `dvc repro` runs them
    all. Each reads params.yaml (or --params FILE, or --params '{"train": {"epochs": 3}}') and writes whole files only.
    """


app.add_section("Steps of the graph", STEP_COMMANDS)
app.add_section("Models", [*REGISTRY_COMMANDS, *PROMOTION_COMMANDS])
app.add_section("Runs and pipelines", [summary, paper_table, store, pipeline])


def main() -> None:
    """Run the command line; bad input gives one message and exit code 1, never a traceback."""
    codecs.register_error("as in json", as_in_json)
    if isinstance(sys.stdout, io.TextIOWrapper):  # None where it is closed
        sys.stdout.reconfigure(errors="as in json")
    try:
        app()
    except AttuneError as error:
        _fail(str(error))
    except MemoryError:
        _fail("there is too little memory\n  Close other programs, or give the container more, and run it again.")
    except OSError as error:
        if error.errno in FULL:
            place = on_a_line(error.filename2 or error.filename or "output")  # of a copy, the file that was written
            _fail(f"{place}: the disk is full\n  Free some space and run the same command again.")
        if error.filename is None:
            remedy = "Check that this folder still exists, that TMPDIR has space, and what `ulimit -a` allows."
            _fail(f"the system refuses to go on ({on_a_line(error.strerror or error)})\n  {remedy}")
        _fail(f"{on_a_line(error.filename)}: {error.strerror}\n  Check the path and its permissions.")


def _fail(message: str) -> None:
    click.echo(f"{click.style('error', fg='red', bold=True)}: {message}", err=True)
    sys.exit(1)
