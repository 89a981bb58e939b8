"""What was found about attention: sentences, pictures of the measures, the distributions."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from attune.findings import Finding
from attune.numbers import Score, fixed, percent, percent_spread, spread
from attune.params import TASKS
from attune.report import forest
from attune.report.embed import data_uri
from attune.report.forest import Block, Row
from attune.report.material import TASK_NAMES, Material

Summary = Mapping[str, Mapping[str, Mapping[str, float]]]
"""task -> measure -> value, low, high, n."""


class Measure(NamedTuple):
    """A picture: a measure of each task, and what it is to be compared with, each a name in attention.json."""

    name: str
    title: str
    note: str
    unit: str
    references: Mapping[str, str]
    include: float
    share: bool = False


MEASURES = (
    Measure(
        name="entropy",
        title="How spread out?",
        note="Normalised entropy: 1 is uniform, 0 a single window.",
        unit="entropy",
        references={},
        include=1.0,
    ),
    Measure(
        name="energy_correlation",
        title="Does it follow loudness?",
        note="Mean rank correlation of weight and level over the windows of an utterance. Hollow: the same with the "
        "levels of other utterances of similar length, which is what position alone gives.",
        unit="rank correlation",
        references={"energy_correlation_expected": "by position"},
        include=0.0,
    ),
    Measure(
        name="cue_hit",
        title="Does it find the cue?",
        note="Utterances whose strongest window is where the emotion was put in. Hollow: the same for the cues of "
        "other utterances of similar length, which is what position alone gives, and for the loudest window.",
        unit="utterances, %",
        references={"cue_hit_expected": "by position", "loudest_hit": "loudest"},
        include=0.0,
        share=True,
    ),
)

FIGURES = {
    "entropy": "Entropy of each utterance's attention.",
    "energy": "Rank correlation with energy, utterance by utterance.",
    "position": "Where in the utterance attention lies.",
    "cue": "Finding the cue.",
}
"""Pictures of `attune attention` and what to say of them; others are shown under their names."""


def section(material: Material) -> dict[str, Any] | None:
    """What templates/attention.html shows; None where nothing was analysed."""
    by_system = {system: material.attention.get(system) for system in material.run.systems}
    summaries = {system: summary for system, summary in by_system.items() if summary}
    if not summaries and not material.findings:
        return None
    return {
        "systems": [
            {"system": system, "findings": _by_task(material.findings, system), "plots": plots(summary)}
            for system, summary in summaries.items()
        ],
        "notes": [_note(finding) for finding in material.findings if finding.task is None],
        "figures": [
            {"caption": FIGURES.get(name, name), "source": data_uri(content, "image/svg+xml")}
            for name, content in material.figures.items()
        ],
    }


def _by_task(findings: Sequence[Finding], system: str) -> dict[str, list[str]]:
    return {task: [one.sentence for one in findings if (one.system, one.task) == (system, task)] for task in TASKS}


def _note(finding: Finding) -> str:
    return f"{finding.system}: {finding.sentence}" if finding.system else finding.sentence


def plots(summary: Summary) -> list[dict[str, Any]]:
    """One picture for each measure that was taken."""
    return [
        {"title": measure.title, "note": measure.note, "plot": _plot(summary, measure)}
        for measure in MEASURES
        if any(measure.name in summary.get(task, {}) for task in TASKS)
    ]


def _plot(summary: Summary, measure: Measure) -> Markup:
    blocks = [Block("", _rows(summary[task], measure, task)) for task in TASKS if measure.name in summary[task]]
    span = forest.span(blocks, measure.include, forest.BESIDE)
    axis = forest.Axis(*span, measure.unit, 100 if measure.share else 1)
    spoken = "; ".join(
        f"{row.label} {row.shown} ({_interval(row.score, measure)})" for block in blocks for row in block.rows
    )
    return forest.plot(f"{measure.title} {measure.unit}: {spoken}.", blocks, axis, geometry=forest.BESIDE)


def _rows(measures: Mapping[str, Mapping[str, float]], measure: Measure, task: str) -> list[Row]:
    own = Score.of(dict(measures[measure.name]))
    rows = [Row(TASK_NAMES[task], own, _shown(own, measure), hue=task)]
    for name, label in measure.references.items():
        if name in measures:
            score = Score.of(dict(measures[name]))
            rows.append(Row(label, score, _shown(score, measure), "published"))
    return rows


def _shown(score: Score, measure: Measure) -> str:
    return percent(score.value) if measure.share else fixed(score.value, 2)


def _interval(score: Score, measure: Measure) -> str:
    return percent_spread(score.low, score.high) if measure.share else spread(score.low, score.high, 2)
