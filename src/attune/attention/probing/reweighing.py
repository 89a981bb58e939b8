"""Does attention matter? The trained network predicts again with other weights in place of its own.

uniform: every window counts the same. permuted: its own weights in random order. frozen: at every position the mean
weight there over its network's utterances, so that nothing depends on the audio.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attune.attention.ranks import stretched

Array = NDArray[np.float64]


class Probe(Protocol):
    """One task of one utterance: see `attune.model.probing.Probe`."""

    @property
    def weights(self) -> Array: ...
    @property
    def evidence(self) -> Array: ...
    @property
    def logits(self) -> Array: ...


Probes = Mapping[str, Mapping[str, Probe]]
"""utterance -> task -> probe."""

KINDS = ("uniform", "permuted", "frozen")
LEARNT = "learnt"

_PLACES = 50  # number of positions for mean weights
_ROUNDING = 1e-3  # tolerance between logits of float32 sums in another order


def reweighed(probes: Probes, seed: int) -> pd.DataFrame:
    """Return one network's predictions with its own weights and with others.

    Returns:
        ``utterance, task, kind, predicted``; no rows for a network that pools states by more than one set of weights,
        since its output does not follow from the weights.
    """
    rng = np.random.default_rng(seed)
    if not all(_follows(probe) for own in probes.values() for probe in own.values()):
        return pd.DataFrame(columns=["utterance", "task", "kind", "predicted"])
    frozen = _frozen(probes)
    rows = []
    for utterance, own in probes.items():
        for task, probe in own.items():
            windows = len(probe.weights)
            others = {
                LEARNT: probe.weights,
                "uniform": np.full(windows, 1 / windows),
                "permuted": rng.permutation(probe.weights),
                "frozen": _shares(stretched(frozen[task], windows)),
            }
            rows += [
                (utterance, task, kind, int((weights @ probe.evidence).argmax())) for kind, weights in others.items()
            ]
    return pd.DataFrame(rows, columns=["utterance", "task", "kind", "predicted"])


def _follows(probe: Probe) -> bool:
    return bool(np.abs(probe.weights @ probe.evidence - probe.logits).max() < _ROUNDING)


def _frozen(probes: Probes) -> dict[str, Array]:
    """Return the mean relative weight at `_PLACES` positions, by task."""
    tasks = next(iter(probes.values()), {})
    return {
        task: np.mean([stretched(own[task].weights * len(own[task].weights), _PLACES) for own in probes.values()], 0)
        for task in tasks
    }


def _shares(values: Array) -> Array:
    return values / values.sum()
