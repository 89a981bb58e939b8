"""Attention and level of the test utterances, on disk until requested: memory does not grow with the audio."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attune.artifacts.door import reading
from attune.artifacts.predictions import PREDICTIONS, WEIGHTS, Run, check_covers
from attune.artifacts.tables import Table
from attune.attention.measures import KEY, Heard, check
from attune.attention.windows import energy, inside
from attune.errors import AttuneError
from attune.signal import window_count
from attune.steps.probing.scratch import Scratch
from attune.tasks import names_of
from attune.terminal import tracked
from attune.waveform.store import Store

GROUP = 1024
"""Utterances measured at once."""

NEAR = 64
"""Utterances whose levels stay in memory: those of similar length are compared with each other."""

Cue = tuple[float, float, Mapping[str, float]]
"""Start and end in seconds, and how strong each task's emotion is."""


class ByTask(Mapping[str, dict[str, NDArray[np.float64]]]):
    """utterance -> task -> ``(windows,)``, read on demand."""

    def __init__(self, scratch: Scratch, tasks: Sequence[str]) -> None:
        self._scratch, self._tasks = scratch, tasks

    def __getitem__(self, utterance: str) -> dict[str, NDArray[np.float64]]:
        return dict(zip(self._tasks, self._scratch[utterance].astype(np.float64), strict=True))

    def __iter__(self) -> Iterator[str]:
        return iter(self._scratch)

    def __len__(self) -> int:
        return len(self._scratch)


class Attended(NamedTuple):
    """A system's attention: its test utterances by fold, and their weights."""

    tested: dict[str, list[str]]
    weights: ByTask

    def parts(self, system: str) -> Iterator[pd.DataFrame]:
        """Yield rows for `attune.attention.measures.measure`, some utterances at a time."""
        for fold, names in self.tested.items():
            for begin in range(0, len(names), GROUP):
                rows = [
                    (system, fold, utterance, task, weights)
                    for utterance in names[begin : begin + GROUP]
                    for task, weights in self.weights[utterance].items()
                ]
                yield pd.DataFrame(rows, columns=[*KEY, "weights"])


class Levels(Mapping[str, Heard]):
    """What is known about each utterance besides its attention."""

    def __init__(self, utterances: Sequence[str], store: Store, cues: Mapping[str, Cue] | None, beside: Path) -> None:
        """Measure the level of every utterance once.

        Args:
            cues: by utterance, None if the corpus does not know them.
            beside: levels are kept on the same disk as this path.
        """
        self._levels, self._cues, self._rate = Scratch(beside, np.float64), cues or {}, store.sample_rate
        for utterance in tracked(utterances, "level"):
            self._levels.put(utterance, energy(store[utterance])[None])
        self._near = lru_cache(NEAR)(self._known)

    def __getitem__(self, utterance: str) -> Heard:
        return self._near(utterance)

    def __iter__(self) -> Iterator[str]:
        return iter(self._levels)

    def __len__(self) -> int:
        return len(self._levels)

    def _known(self, utterance: str) -> Heard:
        level = self._levels[utterance][0].astype(np.float64)
        if utterance not in self._cues:
            return Heard(level, None)
        start, end, felt = self._cues[utterance]
        return Heard(level, inside(len(level), start, end, self._rate), felt)


def read(runs: Sequence[Run], store: Store, beside: Path) -> dict[str, Attended]:
    """Read the attention of every system that has any, for test utterances only.

    Args:
        beside: weights are kept on the same disk as this path.

    Raises:
        AttuneError: a fold lacks weights that others of the system have, or weights lack an utterance or do not fit it.
    """
    kept: dict[str, Scratch] = {}
    tested: dict[str, dict[str, list[str]]] = {}
    for run in runs:
        names = _tested(run)
        if names:
            _keep(run, store, kept.setdefault(run.system, Scratch(beside, np.float32)))
        tested.setdefault(run.system, {})[run.fold] = names
    for run in runs:
        if run.system in kept and not tested[run.system][run.fold]:
            raise AttuneError(
                "has no weights, and other folds of the system do",
                where=WEIGHTS.path(run.folder),
                remedy="Run `attune predict` again on the accepted utterances.",
            )
    tasks = {run.system: names_of(run.provenance.tasks) for run in runs}
    return {system: Attended(tested[system], ByTask(scratch, tasks[system])) for system, scratch in kept.items()}


def _tested(run: Run) -> list[str]:
    """Return the test utterances of a run that have weights; none for a system without attention."""
    keys = _of_test(WEIGHTS, run, "utterance", "task")
    if keys.empty:
        return []
    predicted = _of_test(PREDICTIONS, run, "utterance")
    check_covers(keys, {"test": predicted["utterance"]}, WEIGHTS.path(run.folder), run.provenance.tasks)
    return sorted(keys["utterance"].unique())


def _of_test(table: Table, run: Run, *columns: str) -> pd.DataFrame:
    batches = table.batches(run.folder, "partition", *columns)
    found = [batch.filter(pc.equal(batch["partition"], "test")) for batch in batches]
    return pa.concat_tables(found).to_pandas() if found else pd.DataFrame(columns=["partition", *columns])


def _keep(run: Run, store: Store, scratch: Scratch) -> None:
    """Store every utterance's weights so that they can be read one by one."""
    wanted = names_of(run.provenance.tasks)
    waiting: dict[str, dict[str, NDArray[np.float32]]] = {}
    for batch in WEIGHTS.batches(run.folder, "partition", "utterance", "task", "weights"):
        test = batch.filter(pc.equal(batch["partition"], "test"))
        names, tasks = test["utterance"].to_pylist(), test["task"].to_pylist()
        for utterance, task, weights in zip(names, tasks, test["weights"].to_numpy(), strict=True):
            with reading(WEIGHTS.path(run.folder), WEIGHTS.step):
                check((run.system, run.fold, utterance, task), weights, window_count(store.samples(utterance)))
            own = waiting.setdefault(utterance, {})
            own[task] = weights
            if len(own) == len(wanted):
                scratch.put(utterance, np.stack([own[task] for task in wanted]))
                del waiting[utterance]
