"""Probe trained networks for `attune attention`: cheap parts for all test utterances, expensive ones for some."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from attune.attention.measures import Heard
from attune.attention.probing.reweighing import reweighed
from attune.attention.probing.summary import Tables
from attune.model.bundle import Model
from attune.steps.probing.attended import ByTask
from attune.steps.probing.attention_tables import (
    COLUMNS,
    Known,
    Probes,
    divergences,
    gradients,
    layers,
    masked,
    probe_each,
)
from attune.steps.probing.probes_kept import keeping
from attune.steps.probing.probes_on_disk import OnDisk
from attune.steps.probing.scratch import Scratch
from attune.tasks import names_of
from attune.terminal import tracked
from attune.waveform.store import Store

GRADIENTS = 8
"""Maximum utterances per system for which gradients are computed."""

TOGETHER = 4
"""Utterances masked before results are written: the most that an interruption loses."""


class Fold(NamedTuple):
    """A trained model of a system and the test utterances to probe it with."""

    model: Model
    tested: Sequence[str]


class Probed(NamedTuple):
    """Contributions for every test utterance, and the tables of results."""

    contributions: ByTask
    tables: Tables


def probe_system(
    name: str,
    folds: Sequence[Fold],
    store: Store,
    heard: Mapping[str, Heard],
    places: tuple[Path, Path],
    *,
    probed: int,
    seed: int,
) -> Probed:
    """Probe a system's networks, each with the utterances that it was tested with.

    Args:
        name: of the system, as shown with the progress.
        places: the folder for the expensive tables until all of them are complete; and a path on whose disk each
            utterance's results are kept.
        probed: how many utterances over all folds are masked, drawn by the seed.
    """
    checkpoints, beside = places
    chosen = _sample([utterance for fold in folds for utterance in fold.tested], probed, seed)
    contributions = Scratch(beside, np.float64)
    found: dict[str, list[pd.DataFrame]] = {name: [pd.DataFrame(columns=columns)] for name, columns in COLUMNS.items()}
    with keeping(checkpoints, _facts(name, folds, store, heard, chosen, seed)) as kept:
        for number, fold in enumerate(folds):
            probes = OnDisk(probe_each(fold.model, fold.tested, store), beside)
            for utterance, own in probes.items():
                contributions.put(utterance, np.stack([probe.contributions for probe in own.values()]))
            found["reweighed"].append(reweighed(probes, seed))
            few = [utterance for utterance in fold.tested if utterance in chosen]
            if few:
                other = folds[(number + 1) % len(folds)].model if len(folds) > 1 else None
                asked = _Asked(f"{name}: fold {number + 1} of {len(folds)}", fold.model, other, probes, few, chosen)
                for kind, place, make in _expensive(asked, store, heard, seed):
                    found[kind].append(kept.table(f"{number}-{kind}-{place}", make))
    tasks = names_of(folds[0].model.description.tasks)
    return Probed(ByTask(contributions, tasks), Tables(**{kind: _joined(tables) for kind, tables in found.items()}))


class _Asked(NamedTuple):
    """A fold's model and another one, the probes of its test utterances, and those of them that are masked."""

    title: str
    model: Model
    other: Model | None
    probes: Probes
    few: Sequence[str]
    chosen: Mapping[str, int]


def _facts(
    name: str,
    folds: Sequence[Fold],
    store: Store,
    heard: Mapping[str, Heard],
    chosen: Mapping[str, int],
    seed: int,
) -> dict[str, object]:
    """Return everything that the expensive tables depend on."""
    cues = hashlib.sha256()
    for utterance in chosen:
        cue = heard[utterance].cue
        cues.update(b"none" if cue is None else cue.tobytes())
    tested = [hashlib.sha256("\n".join(fold.tested).encode()).hexdigest() for fold in folds]
    return {
        "system": name,
        "networks": [fold.model.weights_sha256 for fold in folds],
        "device": str(folds[0].model.device),
        "tested": tested,
        "chosen": list(chosen),
        "sounds": [int(crc) for crc in store.index.loc[[name for fold in folds for name in fold.tested], "crc32"]],
        "cues": cues.hexdigest(),
        "seed": seed,
    }


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]


def _sample(utterances: Sequence[str], number: int, seed: int) -> dict[str, int]:
    """Draw utterances at random, with the order they were drawn in."""
    drawn = np.random.default_rng(seed).permutation(sorted(utterances))[:number]
    return {str(utterance): rank for rank, utterance in enumerate(drawn)}


Part = tuple[str, int, Callable[[], pd.DataFrame]]
"""The kind of a table, its number among those of its kind, and a function that makes it."""


def _expensive(asked: _Asked, store: Store, heard: Mapping[str, Heard], seed: int) -> Iterator[Part]:
    """Yield every table about some utterances of one fold."""
    known = Known(asked.model, store, heard, asked.probes)
    groups = [asked.few[begin : begin + TOGETHER] for begin in range(0, len(asked.few), TOGETHER)]
    for number, group in enumerate(tracked(groups, f"{asked.title}, masking")):
        yield "masked", number, partial(masked, known, group, seed)
        followed = [utterance for utterance in group if asked.chosen[utterance] < GRADIENTS]
        if followed:
            yield "gradients", number, partial(gradients, known, followed)
    yield "layers", 0, partial(layers, known, asked.few, seed)
    if asked.other is not None:
        yield "networks", 0, partial(divergences, known, asked.few, asked.other)
