"""Measures from probing a network with some utterances: masking, gradients, randomised layers, another network."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attune.attention.measures import Heard
from attune.attention.probing.faithfulness import Subject, curves
from attune.attention.probing.masking import by_hop
from attune.attention.ranks import correlations, stretched
from attune.attention.statistics import divergence
from attune.model import probing
from attune.model.bundle import Model
from attune.model.probing import Probe
from attune.parallel.threads import in_order
from attune.signal import HOP, Waveform
from attune.waveform.store import Store

Array = NDArray[np.float64]
Probes = Mapping[str, Mapping[str, Probe]]

STEPS = 8
"""Steps of integrated gradients on the path from silence to the utterance."""

GROUP = 64
"""Utterances whose waveforms are in memory at once."""

OTHERS = 24
"""Utterances of similar length whose attention replaces an utterance's own."""

COLUMNS: dict[str, list[str]] = {
    "masked": ["task", "fill", "order", "share", "mode", "drop", "predicted", "utterance"],
    "reweighed": ["utterance", "task", "kind", "predicted"],
    "layers": ["utterance", "task", "correlation", "expected", "layer"],
    "networks": ["utterance", "task", "divergence", "tasks"],
    "gradients": ["utterance", "task", "attention", "contribution", "attention_expected", "contribution_expected"],
}
"""Columns of every kind of table; see `attune.attention.probing.summary.Tables`."""


class Known(NamedTuple):
    """A model, and what is known about its test utterances."""

    model: Model
    store: Store
    heard: Mapping[str, Heard]
    probes: Probes

    def subject(self, utterance: str) -> Subject:
        own = self.probes[utterance]
        weights = {task: {"attention": one.weights, "contribution": one.contributions} for task, one in own.items()}
        heard = self.heard[utterance]
        return Subject(utterance, self.store[utterance], heard.energy, heard.cue, weights)

    def others(self, utterance: str) -> list[Mapping[str, Probe]]:
        """Return the probes of the other utterances that are nearest in length."""
        length = self.store.samples(utterance)
        names = (name for name in self.probes if name != utterance)
        near = heapq.nsmallest(OTHERS, names, key=lambda name: (abs(self.store.samples(name) - length), name))
        return [self.probes[name] for name in near]


def masked(known: Known, utterances: Sequence[str], seed: int) -> pd.DataFrame:
    """Mask these utterances in every way."""

    def predict(sounds: Sequence[Waveform]) -> list[Mapping[str, Array]]:
        return [{str(task): p for task, p in one.probabilities.items()} for one in known.model.predict(sounds)]

    def masked_in_every_way(subject: Subject) -> pd.DataFrame:
        return curves(subject, predict, _own(subject.utterance, seed))

    subjects = map(known.subject, utterances)
    spread = in_order if known.model.device.type == "cpu" else map
    return pd.concat(spread(masked_in_every_way, subjects), ignore_index=True)


def _own(utterance: str, seed: int) -> list[int]:
    """Return an utterance's seed, which does not depend on which others are probed."""
    return [seed, *utterance.encode()]


def gradients(known: Known, utterances: Sequence[str]) -> pd.DataFrame:
    """Correlate attention and contributions, own and others', with the size of integrated gradients hop by hop."""
    rows: list[tuple[Any, ...]] = []
    for utterance in utterances:
        subject, others = known.subject(utterance), known.others(utterance)
        hops = len(by_hop(subject.energy))
        for task, attributed in probing.integrated_gradients(known.model, subject.waveform, STEPS).items():
            sizes = _sizes(attributed, hops)
            own = subject.weights[task]
            ours = [_agreement([own[name]], sizes) for name in ("attention", "contribution")]
            theirs = [
                _agreement([_as_long(weights, subject.energy) for weights in series], sizes)
                for series in (
                    [other[task].weights for other in others],
                    [other[task].contributions for other in others],
                )
            ]
            rows.append((utterance, task, *ours, *theirs))
    return pd.DataFrame(rows, columns=COLUMNS["gradients"])


def _sizes(attributed: Array, hops: int) -> Array:
    """Sum the absolute attributions of each hop's samples."""
    padded = np.zeros(HOP * hops)
    padded[: len(attributed)] = np.abs(attributed[: len(padded)])
    sizes: Array = padded.reshape(hops, HOP).sum(axis=1)
    return sizes


def _agreement(series: Sequence[Array], sizes: Array) -> float:
    """Return the mean rank correlation of window weights with hop sizes; NaN without any, or for a single window."""
    if not series or len(series[0]) < 2:
        return np.nan
    return float(correlations(np.stack([by_hop(weights) for weights in series]), sizes[None]).mean())


def _as_long(weights: Array, like: Array) -> Array:
    return stretched(weights, len(like))


def layers(known: Known, utterances: Sequence[str], seed: int) -> pd.DataFrame:
    """Correlate attention with the original as layers are randomised from the top down."""
    tables = []
    for layer, changed in probing.randomised(known.model, seed):
        redrawn = dict(probe_each(changed, utterances, known.store))
        tables.append(_correlations(known, redrawn).assign(layer=layer))
    return pd.concat(tables, ignore_index=True)


def _correlations(known: Known, redrawn: Probes) -> pd.DataFrame:
    """Correlate attention with its utterance's trained one, and with that of others, which share only positions."""
    rows = []
    for utterance, probes in redrawn.items():
        others = known.others(utterance)
        for task, probe in probes.items():
            own = known.probes[utterance][task].weights
            if len(own) < 2:
                rows.append((utterance, task, np.nan, np.nan))
                continue
            theirs = [_as_long(other[task].weights, own) for other in others]
            found = correlations(np.stack([own, *theirs]), probe.weights[None])[:, 0]
            rows.append((utterance, task, float(found[0]), float(found[1:].mean()) if theirs else np.nan))
    return pd.DataFrame(rows, columns=COLUMNS["layers"][:-1])


def divergences(known: Known, utterances: Sequence[str], other: Model) -> pd.DataFrame:
    """Return each task's divergence from the same task of the other model, and from its own other tasks on average."""
    rows = []
    theirs = dict(probe_each(other, utterances, known.store))
    for utterance in utterances:
        probes = known.probes[utterance]
        for task, own in probes.items():
            others = [divergence(own.weights, probe.weights) for name, probe in probes.items() if name != task]
            apart = float(np.mean(others)) if others else np.nan
            rows.append((utterance, task, divergence(own.weights, theirs[utterance][task].weights), apart))
    return pd.DataFrame(rows, columns=COLUMNS["networks"])


def probe_each(model: Model, utterances: Sequence[str], store: Store) -> Iterator[tuple[str, dict[str, Probe]]]:
    """Yield every utterance with its probes, in groups of similar length."""
    ordered = sorted(utterances, key=lambda utterance: (store.samples(utterance), utterance))
    for begin in range(0, len(ordered), GROUP):
        group = ordered[begin : begin + GROUP]
        yield from zip(group, probing.probe(model, [store[utterance] for utterance in group]), strict=True)
