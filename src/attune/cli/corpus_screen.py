"""The output of `attune corpus check`: one screen about a corpus."""

from rich.markup import escape
from rich.table import Table

from attune.numbers import count, counted, percentage
from attune.params import Params
from attune.steps.comparing.check import Checked
from attune.terminal import Console
from attune.validation.verdict import listed

_MOST_FOLDS = 12


def show(checked: Checked, params: Params) -> None:
    """Print the screen."""
    console = Console(highlight=False)
    _counts(console, checked)
    console.print(_balance(checked))
    _folds(console, checked, params)
    _refused(console, checked)
    for warning in checked.preview.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)
    for row in checked.preview.published:
        console.print(escape(f"not as published: {row.what}: {row.published:g}, here {row.here:g}"))


def _counts(console: Console, checked: Checked) -> None:
    about, utterances = checked.corpus.about, checked.corpus.utterances
    speakers = counted(utterances["speaker"].nunique(), "speaker") if about.speakers_known else "speakers unknown"
    accepted = len(checked.verdict.accepted)
    verdict = f"{count(accepted)} accepted, {count(len(utterances) - accepted)} refused"
    ratings = counted(len(checked.corpus.ratings), "rating")
    told = f"{counted(len(utterances), 'utterance')}, {speakers}, {ratings}"
    console.print(f"[bold]{escape(about.name)}[/]: {told}; {verdict}")
    durations = checked.preview.durations
    if durations:
        console.print(
            "seconds: " + ", ".join(f"{word} {value:.2f}" for word, value in durations.items() if word != "hours")
        )
        console.print(f"in total {durations['hours']:.2f} h")


def _balance(checked: Checked) -> Table:
    table = Table("task", "scale", "mean", "classes", title="Class balance", title_justify="left")
    for row in checked.preview.classes:
        low, high = row.task.scale
        rated = (f"{low:g} to {high:g}", f"{row.mean:.2f}") if row.task.rated else ("", "")
        shares = zip(row.task.classes, row.shares, strict=True)
        table.add_row(
            row.task.name, *rated, escape(", ".join(f"{name} {percentage(share, 0)}" for name, share in shares))
        )
    return table


def _folds(console: Console, checked: Checked, params: Params) -> None:
    names = [row.fold for row in checked.preview.folds]
    speakers = " and speakers" if checked.corpus.about.speakers_known else ""
    table = Table("fold", "train", "development", "test", title=f"Utterances{speakers}, {params.protocol}")
    table.title_justify = "left"
    for row in checked.preview.folds[:_MOST_FOLDS]:
        table.add_row(row.fold, *([escape(row.fault.what)] if row.fault else row.sizes))
    console.print(table)
    if len(names) > _MOST_FOLDS:
        console.print(f"and {len(names) - _MOST_FOLDS} more folds")
    unknown = [fold for fold in params.folds if fold not in names]
    if unknown and names:
        console.print(
            f"[yellow]params.yaml names the fold {escape(unknown[0])}, which this corpus does not have.[/] Its folds:"
        )
        console.print(escape(f"folds: {names}"), soft_wrap=True)


def _refused(console: Console, checked: Checked) -> None:
    for outcome in checked.verdict.outcomes:
        if outcome.offenders:
            rule = outcome.rule
            first = listed(outcome, 1)[0]
            console.print(
                escape(f"{rule.action} {len(outcome.offenders)} by {rule.name}: {rule.description} First: {first}")
            )
