"""The published table, as data: Zhang, Wu and Schuller, ICASSP 2019 (arXiv 1903.12424), on IEMOCAP.

One run, one seed and one split whose session numbers and counts contradict each other, so these are reference points,
not a baseline that a difference could be tested against.
"""

from typing import NamedTuple

from attune.tasks import TASKS


class Published(NamedTuple):
    """A row of the table: unweighted average recall in percent, (development, test) per task."""

    system: str
    name: str
    uar: dict[str, tuple[float, float]]
    significant: tuple[str, ...] = ()
    """Tasks the paper marks: one-tailed z-test on the test set against the single-task baseline, p < .05."""


def _row(system: str, name: str, *uar: tuple[float, float], significant: tuple[str, ...] = ()) -> Published:
    return Published(system, name, dict(zip(TASKS, uar, strict=True)), significant)


TABLE: tuple[Published, ...] = (
    _row("egemaps-svm", "88 eGeMAPS functionals + SVM", (52.1, 50.5), (50.5, 49.8), (39.1, 48.7)),
    _row("lld-rnn", "23 eGeMAPS descriptors + RNN", (57.8, 53.1), (51.8, 51.0), (56.4, 49.6)),
    _row("stl", "end-to-end, single task", (45.3, 45.1), (60.9, 60.1), (50.9, 51.1)),
    _row("stl-att", "end-to-end, single task + attention", (46.5, 45.4), (61.4, 60.7), (51.4, 52.6)),
    _row("mtl", "end-to-end, multi-task", (46.2, 44.0), (64.6, 63.4), (52.3, 53.9)),
    _row(
        "mtl-att",
        "end-to-end, multi-task + attention",
        (48.7, 48.5),
        (66.2, 63.8),
        (53.4, 51.6),
        significant=("arousal", "valence"),
    ),
)


class Cell(NamedTuple):
    """One number of the table in the units of `metrics.json`: UAR as a fraction."""

    system: str
    name: str
    partition: str
    task: str
    uar: float
    significant_in_paper: bool


def cells() -> list[Cell]:
    """Return the table with one number per row; significance is given for the test partition only, as in the paper."""
    return [
        Cell(
            row.system,
            row.name,
            partition,
            task,
            round(row.uar[task][side] / 100, 3),
            partition == "test" and task in row.significant,
        )
        for row in TABLE
        for side, partition in enumerate(("development", "test"))
        for task in TASKS
    ]
