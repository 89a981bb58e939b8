"""The labels of auxiliary tasks, checked before anything is trained."""

from collections.abc import Mapping
from pathlib import Path

from attune.artifacts.utterances import ACCEPTED
from attune.corpus.protocols import Partition
from attune.errors import AttuneError
from attune.params import Train
from attune.tasks import Tasks, names_of
from attune.training.auxiliary import AUXILIARIES
from attune.training.auxiliary.base import Labels
from attune.training.auxiliary.rater_spread import ENDING, RaterSpread


def columns(settings: Train, validated: Path, tasks: Tasks) -> list[str]:
    """Return the columns of the accepted utterances that contain labels; a corpus may lack the raters' spread."""
    wanted = [AUXILIARIES[name] for name in settings.auxiliary.wanted]
    found = [own.column for own in wanted if own.column]
    spreads = [f"{name}{ENDING}" for name in names_of(tasks)] if RaterSpread in wanted else []
    return found + [name for name in spreads if ACCEPTED.has(validated, name)]


def read(settings: Train, parts: Partition, tasks: Tasks, fold: str) -> Mapping[str, Labels]:
    """Return the training utterances' labels for each auxiliary task in the parameters.

    Raises:
        AttuneError: the training partition has no labels for a task, or only one value.
    """
    found = {name: AUXILIARIES[name].labels(parts.train, tasks) for name in settings.auxiliary.wanted}
    for name, labels in found.items():
        if not labels.outputs:
            _refuse("no utterance of the training partition has a label", name, fold)
        if labels.differing == 1:
            _refuse("all utterances of the training partition have the same label", name, fold)
    return found


def _refuse(what: str, name: str, fold: str) -> None:
    raise AttuneError(
        f"train.auxiliary.{name}: {what}",
        where=f"fold {fold}",
        remedy=f"Set train.auxiliary.{name} to 0, or label the corpus.",
    )
