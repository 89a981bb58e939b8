"""The model card in Markdown: intended use, data, protocol, scores by group, attention, limits. Nothing is made up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from attune import lineage
from attune.artifacts.metrics import Metrics
from attune.corpus.origin import Origin
from attune.findings import Finding, of_system
from attune.numbers import interval, level, listed, networks
from attune.params import Params
from attune.tasks import PAPER, Tasks, names_of

_TEMPLATE = Path(__file__).with_name("card.md.j2")
_SCORES = ("uar", "ccc", "mae")
_HEADLINES = ("absent", "entropy", "energy", "cue", "contribution", "faithfulness-attention", "matters-uniform")
"""The kinds of findings on a card; the page shows all of them."""


@dataclass(frozen=True)
class Facts:
    """The content of a card.

    `scores` maps task -> score -> {value, low, high, n} of the pooled test partition. `groups` has the columns
    grouping, group, task, score, value, low, high, n. `findings` are those of the attention analysis,
    of any system.
    """

    system: str
    protocol: str
    folds: Sequence[str]
    origin: Origin
    confidence: float
    scores: Mapping[str, Mapping[str, Mapping[str, float]]]
    groups: pd.DataFrame | None
    findings: Sequence[Finding]
    commit: str | None
    clean: bool
    tasks: Tasks = PAPER


def gather(
    params: Params,
    *,
    tasks: Tasks,
    system: str,
    origin: Origin,
    metrics: Metrics,
    groups: pd.DataFrame | None,
    findings: Sequence[Finding],
    git: lineage.Git,
) -> Facts:
    """Return the facts of a run.

    Args:
        origin: of the corpus.
        metrics, groups: metrics.json and groups.csv, written by `attune evaluate`.
        findings: from `attune attention`.
        git: the code that it was made with.
    """
    return Facts(
        system=system,
        protocol=params.protocol,
        folds=params.folds,
        origin=origin,
        confidence=params.evaluate.confidence,
        scores=metrics.partitions(system)["test"],
        groups=None if groups is None else groups[groups["system"] == system],
        findings=findings,
        commit=git.commit,
        clean=git.changed == (),
        tasks=tasks,
    )


def markdown(facts: Facts, *, title: str = "", promotion: str = "", attention: str = "") -> str:
    """Return the card, ending with a newline.

    Args:
        title: the heading.
        promotion: a sentence about the last verdict, at the end.
        attention: a sentence that replaces the findings about attention.
    """
    import jinja2

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"spread": _spread, "level": level, "networks": networks}
    text = environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        facts=facts,
        title=title,
        promotion=promotion,
        tasks=[task.name for task in facts.tasks],
        predicted=_predicted(facts.tasks),
        rated=any(task.rated for task in facts.tasks),
        chance=_chance(facts.tasks),
        score_names=_SCORES,
        speakers=_speakers(facts),
        groups=[] if facts.groups is None else _rows(_known(facts.groups, facts.origin), facts.tasks),
        attention=attention,
        findings=[one for one in of_system(facts.findings, facts.system) if one.kind in _HEADLINES],
    )
    return text.strip() + "\n"


def _predicted(tasks: Tasks) -> str:
    """Describe the model's outputs for an utterance."""
    rated, judged = [task for task in tasks if task.rated], [task for task in tasks if not task.rated]
    parts = []
    for scale, classes in dict.fromkeys((task.scale, task.classes) for task in rated):
        own = listed([task.name for task in rated if (task.scale, task.classes) == (scale, classes)])
        parts.append(
            f"{own} of an utterance, from {scale[0]:g} to {scale[1]:g}, and the probability that each is "
            f"{listed(list(classes), 'or')}"
        )
    parts += [f"the probability of each {task.name}: {listed(list(task.classes), 'or')}" for task in judged]
    text = "; ".join(parts)
    return text[0].upper() + text[1:]


def _chance(tasks: Tasks) -> str:
    chances = dict.fromkeys(f"{100 * task.chance:.1f}" for task in tasks)
    if len(chances) == 1:
        return next(iter(chances))
    return ", ".join(f"{task.name} {100 * task.chance:.1f}" for task in tasks)


def _speakers(facts: Facts) -> int | None:
    """Return how many speakers were tested, None if that is not known or they are too many to be named in `groups`."""
    if facts.groups is None or not facts.origin.speakers_known:
        return None
    return int(facts.groups.loc[facts.groups["grouping"] == "speaker", "group"].nunique()) or None


def _known(groups: pd.DataFrame, origin: Origin) -> pd.DataFrame:
    """Leave out speakers whom the corpus does not name: each utterance counts as one."""
    return groups if origin.speakers_known else groups[groups["grouping"] != "speaker"]


def _rows(groups: pd.DataFrame, tasks: Tasks) -> list[dict[str, Any]]:
    """Return UAR with its interval per task, one row per group that occurs in every task."""
    names = names_of(tasks)
    uar = groups[groups["score"] == "uar"]
    rows: list[dict[str, Any]] = []
    for (grouping, group), own in uar.groupby(["grouping", "group"], sort=False):
        by_task = own.set_index("task")
        if not set(names) <= set(by_task.index):
            continue
        cells = {task: by_task.loc[task].to_dict() for task in names}
        rows.append({"grouping": grouping, "group": group, "n": int(own["n"].iloc[0]), "tasks": cells})
    return rows


def _spread(score: Mapping[str, float], name: str) -> str:
    """Format a score with its interval: UAR in percent, others as they are."""
    factor, digits = (100, 1) if name == "uar" else (1, 2)
    return interval({part: factor * score[part] for part in ("value", "low", "high")}, digits)
