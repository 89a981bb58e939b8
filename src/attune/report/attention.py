"""The section on attention: findings as sentences, plots of the measures, distributions."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from attune.findings import Finding
from attune.numbers import Score, count, fixed, percent, percent_spread, spread
from attune.report.answers import by_task
from attune.report.contents import Contents, title
from attune.report.embed import data_uri
from attune.report.pictures import forest, masking, nulls
from attune.report.pictures.forest import Block, Row

Summary = Mapping[str, Mapping[str, Mapping[str, float]]]
"""task -> measure -> value, low, high, n."""


class Measure(NamedTuple):
    """A plot: a measure for each task and its references for comparison, each a name in attention.json."""

    name: str
    unit: str
    references: Mapping[str, str]
    include: float
    share: bool = False


class Question(NamedTuple):
    """A question about attention: how it is measured, the plot, and the kinds of findings that answer it.

    `first` are shown, `more` are folded away.
    """

    title: str
    note: str
    measure: Measure | None
    first: tuple[str, ...]
    more: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    """Measures whose nulls are drawn."""


NULLS = {
    "energy_correlation": ("rank correlation with level", False),
    "cue_hit": ("strongest window in the cue", True),
    "contribution_hit": ("largest contribution in the cue", True),
}
"""Labels of the measures whose nulls are drawn, and whether they are shares."""

_CUE = {"cue_hit_expected": "by position", "contribution_hit": "contribution", "loudest_hit": "loudest window"}

QUESTIONS = (
    Question(
        "How spread out is it?",
        "Normalised entropy: 1 is uniform, 0 a single window.",
        Measure("entropy", "entropy", {}, 1.0),
        ("entropy",),
    ),
    Question(
        "Does it follow loudness?",
        "Mean rank correlation of weight and level over the windows of an utterance. Hollow: the same with the levels "
        "of other utterances of similar length, which is what position alone gives.",
        Measure("energy_correlation", "rank correlation", {"energy_correlation_expected": "by position"}, 0.0),
        ("energy",),
        nulls=("energy_correlation",),
    ),
    Question(
        "Does it find the cue?",
        "Utterances whose strongest window is where the emotion was put in. Hollow: the same for the cues of other "
        "utterances of similar length, which is what position alone gives; for the window that contributes most to the "
        "predicted class, which is its weight times what it says by itself; and for the loudest window.",
        Measure("cue_hit", "utterances, %", _CUE, 0.0, share=True),
        ("cue", "contribution"),
        ("cue-strong", "cue-mass", "contribution-strong"),
        ("cue_hit", "contribution_hit"),
    ),
    Question(
        "Does the network need what it attends to?",
        "The sound is masked by noise at its own level, and the picture shows by how many points the probability of "
        "the predicted class falls; the sentences give the mean over 10, 30 and 50 % of the sound. If attention is "
        "faithful, removing its windows costs more than removing others, and keeping only them costs less.",
        None,
        ("faithfulness-attention", "faithfulness-contribution"),
        ("sufficiency-attention", "sufficiency-contribution", "fills"),
    ),
    Question(
        "Do the weights matter, are they learnt, and do tasks differ?",
        "The trained network predicts with other weights instead of its own; its layers are randomised one after "
        "the other; tasks are compared with networks of two folds (with networks of other seeds by make paper-table, "
        "docs/evaluation.md); integrated gradients say from outside which sound counts.",
        None,
        ("matters-uniform", "apart"),
        ("matters-permuted", "matters-frozen", "learnt", "gradients-attention", "gradients-contribution"),
    ),
)

FIGURES = {
    "entropy": "Entropy of each utterance's attention.",
    "energy": "Rank correlation with level, utterance by utterance.",
    "position": "Where in the utterance attention is.",
}
"""Captions of the pictures from `attune attention`; others are shown under their names."""

DRAWN = {"cue"}
"""Pictures left out because the page plots their numbers itself."""


def section(contents: Contents) -> dict[str, Any] | None:
    """Return the content of templates/attention.html; None if nothing was analysed."""
    by_system = {system: contents.attention.get(system) for system in contents.run.systems}
    summaries = {system: summary for system, summary in by_system.items() if summary}
    if not summaries and not contents.findings:
        return None
    probed, drawn = contents.attention.get("probed", {}), contents.attention.get("nulls", {})
    return {
        "systems": [
            {
                "system": system,
                "questions": questions(
                    contents.findings, system, summary, probed.get(system, {}), drawn.get(system, {})
                ),
            }
            for system, summary in summaries.items()
        ],
        "notes": [_note(finding) for finding in contents.findings if finding.task is None],
        "legend": masking.legend(probed),
        "rounds": count(contents.attention.get("about", {}).get("rounds", 0)),
        "figures": [
            {"caption": FIGURES.get(name, name), "source": data_uri(content, "image/svg+xml")}
            for name, content in contents.figures.items()
            if name not in DRAWN
        ],
    }


def questions(
    findings: Sequence[Finding],
    system: str,
    summary: Summary,
    probed: Mapping[str, Mapping[str, Any]],
    drawn: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return every question that was answered, with its findings."""
    own = [finding for finding in findings if finding.system == system and finding.task is not None]
    asked = []
    for question in QUESTIONS:
        answered = [finding for finding in own if finding.kind in (*question.first, *question.more)]
        if answered:
            asked.append(
                {
                    "title": question.title,
                    "note": question.note,
                    "plot": _plot(summary, question.measure) if question.measure else None,
                    "curves": masking.pictures(probed) if "faithfulness-attention" in question.first else [],
                    "nulls": _nulls(summary, drawn, question.nulls),
                    "first": by_task(answered, question.first),
                    "more": by_task(answered, question.more),
                }
            )
    return asked


def _nulls(
    summary: Summary, drawn: Mapping[str, Mapping[str, Any]], measures: Sequence[str]
) -> dict[str, list[Markup]]:
    """Return by task the plots of these measures' nulls with the observed values."""
    return {
        task: [
            nulls.plot(drawn[task][name], Score.of(dict(own[name])), task, what, share=share)
            for name in measures
            for what, share in [NULLS[name]]
            if name in drawn.get(task, {}) and name in own
        ]
        for task, own in summary.items()
        if set(measures) & set(drawn.get(task, {}))
    }


def _note(finding: Finding) -> str:
    return f"{finding.system}: {finding.sentence}" if finding.system else finding.sentence


def _plot(summary: Summary, measure: Measure) -> Markup:
    blocks = [Block("", _rows(own, measure, task)) for task, own in summary.items() if measure.name in own]
    span = forest.span(blocks, measure.include, forest.BESIDE)
    axis = forest.Axis(*span, measure.unit, 100 if measure.share else 1)
    spoken = "; ".join(
        f"{row.label} {row.shown} ({_interval(row.score, measure)})" for block in blocks for row in block.rows
    )
    return forest.plot(f"{measure.unit}: {spoken}.", blocks, axis, geometry=forest.BESIDE)


def _rows(measures: Mapping[str, Mapping[str, float]], measure: Measure, task: str) -> list[Row]:
    own = Score.of(dict(measures[measure.name]))
    rows = [Row(title(task), own, _shown(own, measure), hue=task)]
    for name, label in measure.references.items():
        if name in measures:
            score = Score.of(dict(measures[name]))
            rows.append(Row(label, score, _shown(score, measure), "published"))
    return rows


def _shown(score: Score, measure: Measure) -> str:
    return percent(score.value) if measure.share else fixed(score.value, 2)


def _interval(score: Score, measure: Measure) -> str:
    return percent_spread(score.low, score.high) if measure.share else spread(score.low, score.high, 2)
