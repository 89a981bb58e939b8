"""The ensemble of the folds' networks: their mean is registered, since no single fold was trained on all speakers.

The scores published with a version are the folds' own, each on speakers its network was not trained on.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from attune.artifacts import models
from attune.errors import AttuneError
from attune.model import bundle
from attune.model.bundle import Prediction, Predictor
from attune.signal import HOP, WINDOW, Waveform
from attune.tasks import Tasks


class Ensemble(NamedTuple):
    """Networks of one system, one per fold, and their sample rate in Hz."""

    members: tuple[Predictor, ...]
    sample_rate: int

    @property
    def tasks(self) -> Tasks:
        """The tasks it predicts."""
        return self.members[0].description.tasks

    @property
    def hop(self) -> float:
        """Seconds from the start of one window to the start of the next."""
        return HOP / self.sample_rate

    @property
    def window(self) -> float:
        """Seconds of audio in a window."""
        return WINDOW / self.sample_rate

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]:
        """Return the mean over folds of probabilities, scores and attention for each waveform, in the order given.

        Args:
            waveforms: float32, shape (samples,), in [-1, 1) at `sample_rate` Hz, of any lengths.
        """
        of_members = zip(*(member.predict(waveforms) for member in self.members), strict=True)
        return [_mean(predictions) for predictions in of_members]


def load(folder: Path, device: str = "cpu") -> Ensemble:
    """Load every fold's networks, from `<folder>/<fold>/`.

    Args:
        folder: the folds.
        device: as torch names it, such as `cpu` or `cuda`.

    Raises:
        AttuneError: torch cannot use the device, there is no model, one cannot be read, or they differ in system,
            tasks, sample rate or architecture.
    """
    _check(device)
    folds = sorted(path.parent for path in folder.glob(f"*/{models.DESCRIPTION}"))
    if not folds:
        raise AttuneError(
            "contains no model", where=folder, remedy="Register the model again; `attune versions` lists the others."
        )
    members = tuple(bundle.load(fold, device) for fold in folds)
    for fold, member in zip(folds, members, strict=True):
        if _kind(fold, member) != _kind(folds[0], members[0]):
            raise AttuneError(
                f"is of another system, architecture, sample rate or other tasks than {folds[0].name}; only models of"
                " one kind answer together",
                where=fold,
                remedy="Retrain all folds with the same parameters.",
            )
    return Ensemble(members, members[0].sample_rate)


def _check(device: str) -> None:
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError):  # which of them depends on how torch was built
        raise AttuneError(f"torch cannot use {device!r} here", where="device", remedy="Use the device cpu.") from None


def _kind(fold: Path, member: Predictor) -> tuple[object, ...]:
    described = member.description
    return described.system, models.read_description(fold)["architecture"], member.sample_rate, described.tasks


def _mean(predictions: Sequence[Prediction]) -> Prediction:
    first = predictions[0]
    attention = [prediction.attention for prediction in predictions if prediction.attention is not None]
    return Prediction(
        probabilities={
            task: np.mean([p.probabilities[task] for p in predictions], axis=0) for task in first.probabilities
        },
        scores={task: float(np.mean([p.scores[task] for p in predictions])) for task in first.scores},
        attention={task: np.mean([a[task] for a in attention], axis=0) for task in attention[0]} if attention else None,
    )
