"""The section behind the scores: calibration, label noise, sessions, speakers, and another use of the same network."""

from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from attune.findings import Finding
from attune.numbers import Score
from attune.report.answers import by_task
from attune.report.contents import Contents
from attune.report.pictures import forest, learning, reliability
from attune.report.pictures.forest import Block, Row
from attune.report.scores import shown


class Question(NamedTuple):
    """A question about the scores, and the kinds of findings that answer it: `first` shown, `more` folded away."""

    name: str
    title: str
    note: str
    first: tuple[str, ...]
    more: tuple[str, ...] = ()


QUESTIONS = (
    Question(
        "calibration",
        "Do the probabilities mean what they say?",
        "Predictions grouped by confidence: on the dashed line, accuracy equals confidence. Marks are "
        "larger where there are more utterances. The thin line is the same with one temperature per fold, fitted on "
        "its development speakers.",
        ("calibration",),
    ),
    Question(
        "ceiling",
        "How well could any system do on these labels?",
        "A label is the mean of a few raters who do not always agree, so even the truth would not reach 100. "
        "The ceiling is what the best predictor would reach; errors that all raters share do not show.",
        ("ceiling",),
    ),
    Question(
        "sessions",
        "Do folds differ?",
        "The scores above pool all folds. Each has a model of its own and was tested on sessions of its own, so a "
        "shift from session to session is part of the pooled score.",
        ("sessions-uar",),
        ("sessions-ccc",),
    ),
    Question(
        "speakers",
        "Is any speaker served worse than chance explains?",
        "The worst of several speakers is always below the mean. The null exchanges how well dialogs were answered "
        "between speakers.",
        ("speaker-worst",),
        ("speaker-best",),
    ),
    Question(
        "learning",
        "Would more data help?",
        "UAR by the number of training utterances: a share of the dialogs of each training session, then all of them. "
        "The test utterances stay the same.",
        ("learning",),
    ),
    Question(
        "regression",
        "Is the predicted value the best use of the probabilities?",
        "It is compared with a regression of the rating on their logits.",
        ("regression",),
    ),
)


def section(contents: Contents) -> list[dict[str, Any]]:
    """Return per system every question that was answered; empty if `attune evaluate` has no findings."""
    found = []
    for system in contents.run.systems:
        own = [finding for finding in contents.told if finding.system == system]
        questions = [_asked(contents, system, question, own) for question in QUESTIONS if _applies(question, contents)]
        if any(question["first"] for question in questions):
            found.append({"system": system, "questions": [one for one in questions if one["first"]]})
    return found


def _applies(question: Question, contents: Contents) -> bool:
    """Where a corpus names no speakers, each utterance counts as one, and none is worse than others."""
    return question.name != "speakers" or contents.run.origin.speakers_known


def _asked(contents: Contents, system: str, question: Question, findings: list[Finding]) -> dict[str, Any]:
    plots = {"calibration": _reliability, "ceiling": _ceiling, "learning": _learning}.get(question.name)
    return {
        "title": question.title,
        "note": question.note,
        "plots": plots(contents, system) if plots else {},
        "first": by_task(findings, question.first),
        "more": by_task(findings, question.more),
    }


def _reliability(contents: Contents, system: str) -> dict[str, Markup]:
    table = contents.reliability
    if table is None:
        return {}
    own = {task: table[(table["system"] == system) & (table["task"] == task)] for task in contents.run.tasks}
    return {task: reliability.plot(rows, task) for task, rows in own.items() if len(rows)}


def _learning(contents: Contents, system: str) -> dict[str, Markup]:
    table = contents.learning
    if table is None or table.empty:
        return {}
    own = {task: table[(table["system"] == system) & (table["task"] == task)] for task in contents.run.tasks}
    return {task: learning.plot(rows, task, contents.chance(task)) for task, rows in own.items() if len(rows)}


def _ceiling(contents: Contents, system: str) -> dict[str, Markup]:
    """Plot the system's UAR against the ceiling, with the same axis for all tasks."""
    table = contents.ceiling
    if table is None or table.empty:
        return {}
    blocks = {task: [Block("", _rows(contents, table, system, task))] for task in contents.run.tasks}
    every = [block for own in blocks.values() for block in own]
    return {
        task: forest.plot(_spoken(task, own), own, forest.uar_axis(every, contents.chance(task)), task)
        for task, own in blocks.items()
    }


def _rows(contents: Contents, table: pd.DataFrame, system: str, task: str) -> list[Row]:
    own = contents.scores.of(system)[task]["uar"]
    rows = [Row(system, own, shown(own))]
    for row in table[(table["task"] == task) & (table["score"] == "uar")].to_dict("records"):
        limit = Score.of({str(name): row[name] for name in Score._fields})
        rows.append(Row("Ceiling", limit, shown(limit), "published"))
    return rows


def _spoken(task: str, blocks: list[Block]) -> str:
    return f"UAR for {task} beside its ceiling, percent: " + "; ".join(
        f"{row.label} {row.shown}" for block in blocks for row in block.rows
    )
