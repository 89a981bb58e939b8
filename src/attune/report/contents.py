"""Everything the page shows, read and checked: the input of `page.render`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune.artifacts.metrics import Metrics
from attune.card import Facts
from attune.corpus.origin import Origin
from attune.evaluation.baselines import CHANCE
from attune.evaluation.published import TABLE
from attune.findings import Finding

SYSTEM_NAMES = {row.system: row.name for row in TABLE}
"""Names of our systems in the published table, in its order."""


def title(task: str) -> str:
    """Return a task's display name, as a heading."""
    return spoken(task).capitalize()


def spoken(task: str) -> str:
    """Return a task's display name, within a sentence."""
    return task.replace("_", " ")


@dataclass(frozen=True)
class Run:
    """How the scores were obtained: splits, systems and resampling."""

    protocol: str
    folds: Sequence[str]
    systems: Sequence[str]
    origin: Origin
    resamples: int
    confidence: float
    seed: int
    """Of the bootstrap."""
    classes: Mapping[str, Sequence[str]]
    """Class names by task."""
    scales: Mapping[str, tuple[float, float]]
    """The lowest and highest rating by rated task; categorical tasks have none."""

    @property
    def tasks(self) -> list[str]:
        return list(self.classes)

    def chance(self, task: str) -> float:
        """Return the UAR of guessing where every class occurs."""
        return 1 / len(self.classes[task])

    @property
    def synthetic(self) -> bool:
        return self.origin.synthetic

    @property
    def main_system(self) -> str:
        """The system that the page focuses on: the last one in the paper's table that was run."""
        order = list(SYSTEM_NAMES)
        return max(self.systems, key=lambda system: order.index(system) if system in order else -1)


@dataclass(frozen=True)
class Example:
    """An utterance to look at and listen to, and the reason why it was picked.

    `pcm` is int16 with shape (samples,); `attention` maps system -> task -> weights, shape (windows,), summing to 1.
    """

    utterance: str
    reason: str
    facts: Mapping[str, Any]
    cue: tuple[float, float] | None
    pcm: npt.NDArray[np.int16]
    sample_rate: int
    attention: Mapping[str, Mapping[str, npt.NDArray[np.float32]]]


@dataclass(frozen=True)
class Contents:
    """The page's content. Optional parts are None or empty if a run does not have them."""

    run: Run
    scores: Metrics
    tested: pd.DataFrame
    """One row per system, task and test utterance: probabilities, score, predicted; rating, actual; speaker, dialog...

    Scores and ratings are on the corpus's own scale; categories have no score."""
    confusion: Mapping[str, Mapping[str, Sequence[Sequence[int]]]]
    models: Mapping[tuple[str, str], Mapping[str, Any]]
    histories: Mapping[tuple[str, str], pd.DataFrame]
    corpus: pd.DataFrame
    """Accepted utterances, indexed by utterance, with duration in seconds."""
    validation: Mapping[str, Any]
    quarantine: pd.DataFrame
    examples: Sequence[Example]
    card: Facts
    data_md5: Mapping[str, str] = field(default_factory=dict)
    """DVC's checksums of the graph's inputs and outputs, by path."""
    pipeline_run: str | None = None
    published: pd.DataFrame | None = None
    groups: pd.DataFrame | None = None
    reliability: pd.DataFrame | None = None
    ceiling: pd.DataFrame | None = None
    learning: pd.DataFrame | None = None
    told: Sequence[Finding] = ()
    """Findings about the scores."""
    attention: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    """Findings of the attention analysis."""
    figures: Mapping[str, bytes] = field(default_factory=dict)
    """Figures about attention by name, as SVG files."""

    def chance(self, task: str) -> float:
        """Return the UAR of guessing on the test partition, among the classes that it has."""
        return self.scores.of(CHANCE)[task]["uar"].value
