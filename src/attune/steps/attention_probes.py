"""Probing trained networks for `attune attention`: cheap parts for all test utterances, expensive ones for some."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from attune.attention.faithfulness import Subject, curves
from attune.attention.masking import by_hop
from attune.attention.measures import Heard
from attune.attention.probed import Tables
from attune.attention.ranks import correlations
from attune.attention.reweighing import reweighed
from attune.attention.statistics import divergence
from attune.model import probing
from attune.model.bundle import Model
from attune.model.probing import Probe
from attune.signal import HOP, Waveform
from attune.steps.attended import ByTask
from attune.steps.probes_on_disk import OnDisk
from attune.steps.scratch import Scratch
from attune.tasks import names_of
from attune.waveform.store import Store

Array = NDArray[np.float64]
Probes = Mapping[str, Mapping[str, Probe]]

GRADIENTS = 8
"""At most so many utterances of a system have their gradients followed."""

STEPS = 8
"""On the way from silence to the utterance."""

GROUP = 64
"""Utterances whose waveforms are in memory at once."""

_FRAMES: dict[str, list[str]] = {
    "masked": ["task", "fill", "order", "share", "mode", "drop", "predicted", "utterance"],
    "reweighed": ["utterance", "task", "kind", "predicted"],
    "layers": ["utterance", "task", "layer", "correlation"],
    "networks": ["utterance", "task", "divergence", "tasks"],
    "gradients": ["utterance", "task", "attention", "contribution"],
}


class Fold(NamedTuple):
    """A trained network of a system and the test utterances it has to be probed with."""

    model: Model
    tested: Sequence[str]


class Probed(NamedTuple):
    """Contributions of every test utterance, and what the tables say."""

    contributions: ByTask
    tables: Tables


def probe_system(
    name: str,
    folds: Sequence[Fold],
    store: Store,
    heard: Mapping[str, Heard],
    *,
    probed: int,
    seed: int,
    beside: Path,
) -> Probed:
    """Probe a system's networks, each with the utterances that it was tested with.

    Args:
        name: of the system, as progress shows it.
        probed: how many utterances over all folds have their sound masked, drawn by the seed.
        beside: what was found of every utterance is kept on the same disk as this path.
    """
    chosen = _sample([utterance for fold in folds for utterance in fold.tested], probed, seed)
    contributions = Scratch(beside, np.float64)
    found: dict[str, list[pd.DataFrame]] = {name: [pd.DataFrame(columns=columns)] for name, columns in _FRAMES.items()}
    for number, fold in enumerate(folds):
        probes = OnDisk(_probes(fold.model, fold.tested, store), beside)
        for utterance, own in probes.items():
            contributions.put(utterance, np.stack([probe.contributions for probe in own.values()]))
        found["reweighed"].append(reweighed(probes, seed))
        few = [utterance for utterance in fold.tested if utterance in chosen]
        if not few:
            continue
        other = folds[(number + 1) % len(folds)].model if len(folds) > 1 else None
        for kind, table in _expensive(name, fold.model, other, {u: probes[u] for u in few}, store, heard, chosen, seed):
            found[kind].append(table)
    tasks = names_of(folds[0].model.description.tasks)
    return Probed(ByTask(contributions, tasks), Tables(**{kind: _joined(tables) for kind, tables in found.items()}))


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]


def _sample(utterances: Sequence[str], number: int, seed: int) -> dict[str, int]:
    """Utterances drawn at random, with the order they were drawn in."""
    drawn = np.random.default_rng(seed).permutation(sorted(utterances))[:number]
    return {str(utterance): rank for rank, utterance in enumerate(drawn)}


def _probes(model: Model, utterances: Sequence[str], store: Store) -> Iterator[tuple[str, dict[str, Probe]]]:
    ordered = sorted(utterances, key=lambda utterance: (store.samples(utterance), utterance))
    for begin in range(0, len(ordered), GROUP):
        group = ordered[begin : begin + GROUP]
        yield from zip(group, probing.probe(model, [store[utterance] for utterance in group]), strict=True)


def _expensive(
    name: str,
    model: Model,
    other: Model | None,
    probes: Probes,
    store: Store,
    heard: Mapping[str, Heard],
    chosen: Mapping[str, int],
    seed: int,
) -> Iterable[tuple[str, pd.DataFrame]]:
    """Every table about some utterances of one fold."""

    def predict(sounds: Sequence[Waveform]) -> list[Mapping[str, Array]]:
        return [{str(task): p for task, p in one.probabilities.items()} for one in model.predict(sounds)]

    console = Console(stderr=True)
    shown = track(probes, f"{name}: masking", console=console, disable=not console.is_terminal, transient=True)
    for utterance in shown:
        subject = _subject(utterance, store, heard[utterance], probes[utterance])
        yield "masked", curves(subject, predict, _own(utterance, seed))
        if chosen[utterance] < GRADIENTS:
            yield "gradients", _gradients(model, subject)
    for layer, changed in probing.randomised(model, seed):
        yield "layers", _correlations(probes, dict(_probes(changed, list(probes), store))).assign(layer=layer)
    if other is not None:
        yield "networks", _divergences(probes, dict(_probes(other, list(probes), store)))


def _own(utterance: str, seed: int) -> list[int]:
    """A seed for each utterance that does not depend on which others are probed."""
    return [seed, *utterance.encode()]


def _subject(utterance: str, store: Store, known: Heard, probes: Mapping[str, Probe]) -> Subject:
    weights = {task: {"attention": one.weights, "contribution": one.contributions} for task, one in probes.items()}
    return Subject(utterance, store[utterance], known.energy, known.cue, weights)


def _gradients(model: Model, subject: Subject) -> pd.DataFrame:
    """How attention, and contributions, agree with the size of integrated gradients, hop by hop."""
    rows = []
    for task, attributed in probing.integrated_gradients(model, subject.waveform, STEPS).items():
        own = subject.weights[task]
        hops = len(by_hop(subject.energy))
        padded = np.zeros(HOP * hops)
        padded[: len(attributed)] = np.abs(attributed[: len(padded)])
        sizes = padded.reshape(hops, HOP).sum(axis=1)
        series = np.stack([by_hop(own["attention"]), by_hop(own["contribution"])])
        rows.append((subject.utterance, task, *correlations(series, sizes[None])[:, 0]))
    return pd.DataFrame(rows, columns=_FRAMES["gradients"])


def _correlations(one: Probes, other: Probes) -> pd.DataFrame:
    rows = [
        (utterance, task, float(correlations(own.weights[None], other[utterance][task].weights[None])[0, 0]))
        for utterance, probes in one.items()
        for task, own in probes.items()
    ]
    return pd.DataFrame(rows, columns=["utterance", "task", "correlation"])


def _divergences(one: Probes, other: Probes) -> pd.DataFrame:
    """Of each task: from the same task of the other network, and from the other tasks of the same one on average."""
    rows = []
    for utterance, probes in one.items():
        for task, own in probes.items():
            others = [divergence(own.weights, probe.weights) for name, probe in probes.items() if name != task]
            apart = float(np.mean(others)) if others else np.nan
            rows.append((utterance, task, divergence(own.weights, other[utterance][task].weights), apart))
    return pd.DataFrame(rows, columns=_FRAMES["networks"])
