"""Probes of every utterance, on disk until requested."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attune.model.probing import Probe
from attune.steps.probing.scratch import Scratch


class OnDisk(Mapping[str, Mapping[str, Probe]]):
    """utterance -> task -> probe, in the order given; stored as float32, as networks compute them."""

    def __init__(self, probes: Iterable[tuple[str, Mapping[str, Probe]]], beside: Path) -> None:
        self._scratch = Scratch(beside, np.float32)
        self._rows: dict[str, int] = {}
        for utterance, own in probes:
            packed = {task: _packed(probe) for task, probe in own.items()}
            self._rows = {task: len(rows) for task, rows in packed.items()}
            self._scratch.put(utterance, np.concatenate(list(packed.values())))

    def __getitem__(self, utterance: str) -> Mapping[str, Probe]:
        ends = np.cumsum(list(self._rows.values()))[:-1]
        parts = np.split(self._scratch[utterance].astype(np.float64), ends)
        return {task: _unpacked(part) for task, part in zip(self._rows, parts, strict=True)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._scratch)

    def __len__(self) -> int:
        return len(self._scratch)


def _packed(probe: Probe) -> NDArray[np.float64]:
    """Stack weights and the evidence for each class, ``(1 + classes, windows)``, and append the logits as a column."""
    packed = np.zeros((1 + len(probe.logits), len(probe.weights) + 1))
    packed[0, :-1], packed[1:, :-1], packed[1:, -1] = probe.weights, probe.evidence.T, probe.logits
    return packed


def _unpacked(packed: NDArray[np.float64]) -> Probe:
    return Probe(packed[0, :-1], packed[1:, :-1].T, packed[1:, -1])
