"""metrics.json: every system's scores with their intervals, by partition and task."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attune.artifacts import records
from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.numbers import Score
from attune.storage import sums
from attune.storage.files import whole_file

BASELINES = ("majority", "chance")
"""Systems in metrics.json that are not models."""

FILE = "metrics.json"
"""Name of the file and of its copy in the evaluation's folder, which also has its digest."""


Scores = Mapping[str, Mapping[str, Score]]
"""task -> score -> value with interval."""


@dataclass(frozen=True)
class Metrics:
    """The scores of one protocol: ``systems`` maps system -> partition -> task -> score.

    Partitions are ``test`` and ``development``, pooled over folds, and ``test@FOLD`` for every fold.
    """

    protocol: str
    systems: Mapping[str, Mapping[str, Scores]]

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> "Metrics":
        """Parse the object in metrics.json.

        Raises:
            ValueError: it is not ``{protocol: {system: {partition: {task: {score: {value, low, high, n}}}}}}``.
        """
        try:
            ((protocol, systems),) = values.items()
            return cls(
                protocol,
                {
                    system: {
                        partition: {
                            task: {name: Score.of(entry) for name, entry in scores.items()}
                            for task, scores in tasks.items()
                        }
                        for partition, tasks in partitions.items()
                    }
                    for system, partitions in systems.items()
                },
            )
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"no scores by protocol, system, partition and task ({error})") from None

    def as_json(self) -> dict[str, Any]:
        """Return the object in metrics.json."""
        return {self.protocol: {system: self.partitions(system) for system in self.systems}}

    def partitions(self, system: str) -> dict[str, Any]:
        """Return a system's scores as JSON: ``{partition: {task: {score: {value, low, high, n}}}}``.

        Raises:
            AttuneError: the system was not evaluated.
        """
        return {
            partition: {task: {name: score._asdict() for name, score in own.items()} for task, own in tasks.items()}
            for partition, tasks in self._of(system).items()
        }

    @property
    def tasks(self) -> list[str]:
        """The tasks that have test scores, in order."""
        return list(dict.fromkeys(task for own in self.systems.values() for task in own.get("test", {})))

    @property
    def models(self) -> list[str]:
        """The systems that are models, in the order they were evaluated."""
        return [system for system in self.systems if system not in BASELINES]

    def score(self, system: str, task: str, name: str, partition: str = "test") -> Score | None:
        """Return one score; None where it was not computed, as for a baseline.

        Raises:
            AttuneError: the system was not evaluated.
        """
        return self.of(system, partition).get(task, {}).get(name)

    def folds(self, system: str) -> list[str]:
        """Return the folds whose test partition was scored by itself.

        Raises:
            AttuneError: the system was not evaluated.
        """
        names = (partition.partition(_OF_FOLD) for partition in self._of(system))
        return [fold for _, found, fold in names if found]

    def of_fold(self, system: str, fold: str) -> Scores:
        """Return a system's scores on the test partition of one fold, by task.

        Raises:
            AttuneError: the system was not evaluated.
        """
        return self.of(system, _OF_FOLD + fold)

    def of(self, system: str, partition: str = "test") -> Scores:
        """Return a system's scores by task; empty where the partition was not evaluated.

        Raises:
            AttuneError: the system was not evaluated.
        """
        return self._of(system).get(partition, {})

    def _of(self, system: str) -> Mapping[str, Scores]:
        if system not in self.systems:
            raise AttuneError(
                f"no scores of {system} under {self.protocol} among the metrics",
                remedy="Evaluate that system first, or set register.system to one that was evaluated.",
            )
        return self.systems[system]

    def require(self, protocol: str, systems: Iterable[str]) -> None:
        """Raise for the scores of another run.

        Raises:
            AttuneError: another protocol, or a system that lacks the test UAR of a task; without naming the file.
        """
        if protocol != self.protocol:
            raise AttuneError(f"has the scores of {self.protocol}, not of {protocol}", remedy=_EVALUATE)
        for system in systems:
            scores = self.systems.get(system, {}).get("test", {})
            for task in self.tasks or ["any task"]:
                if "uar" not in scores.get(task, {}):
                    raise AttuneError(f"has no test UAR of {system} for {task}", remedy=_EVALUATE)


_OF_FOLD = "test@"
_EVALUATION = "evaluation"
_EVALUATE = "Run `attune evaluate` again with these parameters."


def write(path: Path, evaluation: Path, metrics: Mapping[str, Any]) -> None:
    """Write metrics.json, and its copy and digest into the existing folder of the evaluation.

    Raises:
        AttuneError: the object is not valid metrics.
    """
    with reading(path, "evaluate"):
        Metrics.parse(metrics)
    records.write(evaluation / FILE, metrics)
    with whole_file(path) as file:
        file.write_bytes((evaluation / FILE).read_bytes())


def read(path: Path, evaluation: Path | None = None) -> Metrics:
    """Read the scores in metrics.json, compared with the copy in the evaluation's folder.

    Args:
        evaluation: that folder; by default `evaluation` beside the file, if it is there.

    Raises:
        AttuneError: the file is missing, has changed, or has no scores of this form.
    """
    if evaluation is None and (path.parent / _EVALUATION / FILE).exists():
        evaluation = path.parent / _EVALUATION
    with reading(path, "evaluate"):
        content = path.read_bytes()
        if evaluation is not None and content != _copy(evaluation / FILE):
            raise AttuneError(f"is damaged or was edited: it is not what {evaluation / FILE} is", where=path)
        return Metrics.parse(records.parse(content))


def _copy(path: Path) -> bytes:
    with reading(path, "evaluate"):
        return sums.checked(path)


def of_evaluation(evaluation: Path) -> Metrics:
    """Read the scores in an evaluation's folder, where they have a digest.

    Raises:
        AttuneError: the file is missing, has changed, or has no scores of this form.
    """
    return read(evaluation / FILE, evaluation)
