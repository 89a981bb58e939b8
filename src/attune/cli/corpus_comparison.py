"""`attune corpus compare`: read A and B, and show the comparison in the terminal, as JSON or as a page."""

import json
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from attune.artifacts.validation import PROFILE
from attune.errors import AttuneError
from attune.serving import listing
from attune.steps.comparing import compare as corpus_compare
from attune.steps.comparing.compare import Recording
from attune.storage.files import check_folder_of, whole_file
from attune.terminal import Console
from attune.validation.drift import page as drift_page
from attune.validation.drift.comparison import Drift, Side, compare
from attune.waveform.audio import Span

_PARAMETERS = (".yaml", ".yml")


def run(a: Path, b: Path, out: Path | None, *, as_json: bool) -> None:
    """Compare, print, and write the page if requested.

    Raises:
        AttuneError: A or B cannot be compared, or the page's folder does not exist.
    """
    if out:
        check_folder_of(out)
    one, other = _side(a), _side(b)
    drift = compare(one, other)
    if as_json:
        click.echo(json.dumps(drift_page.as_record(one, other, drift), indent=2))
    else:
        _show(one, other, drift)
    if out:
        with whole_file(out) as file:
            file.write_text(drift_page.render(one, other, drift), encoding="utf-8")


def _side(source: Path) -> Side:
    if not source.exists():
        raise AttuneError("there is no such file or folder", where=source)
    if source.suffix.lower() in _PARAMETERS:
        return corpus_compare.corpus(source)
    if PROFILE.path(source).is_file() or (source / "validation.json").is_file():
        return corpus_compare.validated(source)
    found = listing.find([source]).items
    return corpus_compare.recordings(
        source, [Recording(item.path, Span(item.start or 0.0, item.end)) for item in found]
    )


def _show(a: Side, b: Side, drift: Drift) -> None:
    console = Console(highlight=False)
    for letter, side in (("A", a), ("B", b)):
        console.print(f"{letter}: {escape(drift_page.told(side))}", soft_wrap=True)
    measures = Table("", "A: 5 %, median, 95 %", "B: 5 %, median, 95 %", "pairs with B above A (95 % interval)", "")
    for row in drift_page.measure_rows(drift):
        measures.add_row(*row)
    console.print(measures)
    if drift.classes:
        classes = Table("task", "class", "A", "B", "difference (95 % interval)", "")
        for cells in drift_page.class_rows(drift):
            classes.add_row(*map(escape, cells))
        console.print(classes)
    console.print(drift_page.summary(drift), soft_wrap=True)
