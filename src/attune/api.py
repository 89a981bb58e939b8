"""attune's Python API: read artefacts as tables, and score audio with registered models.

The default paths are those of the project's graph, so that a notebook beside dvc.yaml needs none.
"""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from attune.artifacts.utterances import ACCEPTED
from attune.errors import AttuneError

if TYPE_CHECKING:
    from attune.registry.running import Running
    from attune.waveform.store import Store

AnyPath = str | PathLike[str]


def utterances(validated: AnyPath = "data/validated") -> pd.DataFrame:
    """Return the accepted utterances, one row each: speaker, ratings, transcript, duration in seconds, source.

    Example:
        >>> table = attune.utterances()
        >>> table.set_index("utterance").loc["Ses01F_impro01_F000", ["speaker", "scenario"]].tolist()
        ['Ses01F', 'improvised']

    Raises:
        AttuneError: there is no such table, or it is damaged.
    """
    return ACCEPTED.read(Path(validated))


def waveforms(store: AnyPath = "data/store") -> "Store":
    """Return the packed waveforms by utterance, float32, shape (samples,), in [-1, 1), at the store's sample rate.

    Example:
        >>> store = attune.waveforms()
        >>> store.sample_rate, store["Ses01F_impro01_F000"].dtype
        (16000, dtype('float32'))

    Raises:
        AttuneError: there is no such store, or it is damaged.
    """
    from attune.waveform.store import Store

    return Store(Path(store))


def predictions(*folders: AnyPath) -> pd.DataFrame:
    """Return all predictions in some folders, or the project's: one row per system, fold, partition, utterance, task.

    Example:
        >>> table = attune.predictions()
        >>> test = table[(table["system"] == "mtl-att") & (table["partition"] == "test")]
        >>> test.groupby("task")["utterance"].nunique().tolist()
        [16, 16, 16]

    Raises:
        AttuneError: a folder without predictions, or one that is damaged.
    """
    from attune.artifacts import predictions

    found = predictions.runs([Path(folder) for folder in folders] or [Path("predictions")])
    return pd.concat([predictions.read(run) for run in found], ignore_index=True)


def metrics(path: AnyPath = "reports/metrics.json") -> pd.DataFrame:
    """Return scores with their intervals: columns system, partition, task, score, value, low, high and n.

    Partitions are `test` and `development`, pooled over folds, and `test@FOLD` for each fold.

    Example:
        >>> table = attune.metrics()
        >>> uar = table[(table["partition"] == "test") & (table["score"] == "uar")]
        >>> uar.pivot(index="task", columns="system", values="value")["chance"].round(3).tolist()
        [0.333, 0.333, 0.333]

    Raises:
        AttuneError: there is no such file, or it is not what `attune evaluate` writes.
    """
    from attune.artifacts.metrics import read

    rows = [
        {"system": system, "partition": partition, "task": task, "score": name, **score._asdict()}
        for system, partitions in read(Path(path)).systems.items()
        for partition, tasks in partitions.items()
        for task, scores in tasks.items()
        for name, score in scores.items()
    ]
    return pd.DataFrame(rows)


def load(model: str | None = None, device: str = "cpu") -> "Model":
    """Load a registered model; it runs in a separate process, with the code of its version.

    Args:
        model: NAME, NAME/3, NAME@ALIAS or models:/NAME/3; by default the champion of `attune`, or else its candidate.
        device: `cpu` or `cuda`.

    Example:
        with attune.load() as model:
            table = model.score(["hello.wav"])

    Raises:
        AttuneError: there is no such version, or its files cannot be fetched.
    """
    from attune.promotion import champion
    from attune.registry import running
    from attune.tracking.client import connect_to_read

    version = champion.find(connect_to_read(), model)
    return Model(f"{version.name}/{version.version}", running.load(version, device))


class Model:
    """A loaded version: score as often as you like, then close it, or use it in a `with` statement.

    Args:
        name: the version, NAME/NUMBER.
    """

    def __init__(self, name: str, running: "Running") -> None:
        self.name = name
        self._running = running

    def score(self, sources: AnyPath | Sequence[AnyPath]) -> pd.DataFrame:
        """Score audio files, folders or lists of them: the table of `attune score`, one row per recording.

        Columns: the score of every rated task on its scale, the probability of each class for every task, `warnings`,
        and `error`, the reason why a recording has no scores (else missing).

        Raises:
            AttuneError: there is nothing to score, or the model does not load.
        """
        from attune.serving import batch_scoring, listing, score_tables

        given = [sources] if isinstance(sources, str | PathLike) else list(sources)
        if not given:
            raise AttuneError("there is nothing to score", remedy="Name at least one file, folder or list.")
        if not all(str(source).strip() for source in given):
            raise AttuneError("an empty name is not a file", remedy='For the current folder, give ".".')
        items = listing.find([Path(source) for source in given]).items
        scored = [batch_scoring.score(self._running, batch) for batch in batch_scoring.batches(items)]
        return score_tables.joined(items, pd.concat(scored, ignore_index=True), self.name)

    def close(self) -> None:
        """End the process; a closed model cannot score."""
        self._running.close()

    def __enter__(self) -> "Model":
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()
