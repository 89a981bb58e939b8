"""Read the contents of the page from the outputs of the other steps."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from attune.artifacts import predictions as predicted
from attune.artifacts.door import again, reading
from attune.artifacts.evaluation import TESTED
from attune.artifacts.predictions import WEIGHTS
from attune.artifacts.utterances import ACCEPTED, Spans
from attune.attention.measures import check
from attune.errors import AttuneError
from attune.report.contents import Example, Run
from attune.signal import window_count
from attune.waveform.store import Store

Weights = Mapping[str, Mapping[str, Mapping[str, npt.NDArray[np.float32]]]]
"""utterance -> system -> task -> weights, shape (windows,)."""

FACTS = ("speaker", "gender", "scenario", "category", "transcript")


def utterances(validated: Path) -> pd.DataFrame:
    """Return the accepted utterances, indexed by utterance."""
    table = ACCEPTED.read(validated, "utterance", *FACTS, "duration")
    return table.set_index("utterance", drop=False)


def tested(evaluation: Path, told: Run) -> pd.DataFrame:
    """Return test predictions of this run's systems with the truth."""
    columns = (
        "system",
        "partition",
        "utterance",
        "task",
        *dict.fromkeys(name for names in told.classes.values() for name in names),
        "predicted",
        "score",
        "rating",
        "actual",
        "speaker",
    )
    systems = pa.array(told.systems, pa.large_string())
    batches = [
        batch.filter(pc.and_(pc.equal(batch["partition"], "test"), pc.is_in(batch["system"], value_set=systems)))
        for batch in TESTED.batches(evaluation, *columns)
    ]
    rows = pa.concat_tables(batches).to_pandas(categories=["system", "partition", "task", "speaker"])
    missing = set(told.systems) - set(rows["system"])
    if missing:
        path = TESTED.path(evaluation)
        raise AttuneError(f"has no test predictions of {min(missing)}", where=path, remedy=again(TESTED.step))
    return rows


def runs(predictions: Sequence[Path], told: Run) -> list[predicted.Run]:
    """Find the predictions of every system and fold of this run."""
    return predicted.find(predictions, protocol=told.protocol, systems=told.systems, folds=told.folds)


def attention_weights(found: Sequence[predicted.Run], wanted: Collection[str], store: Store) -> Weights:
    """Return the weights of these utterances as test utterances, for systems that have attention.

    Raises:
        AttuneError: weights do not fit the utterance's audio.
    """
    weights: dict[str, dict[str, dict[str, npt.NDArray[np.float32]]]] = {}
    for run in found:
        for batch in WEIGHTS.batches(run.folder, "partition", "utterance", "task", "weights"):
            names = pa.array(list(wanted), batch.schema.field("utterance").type)
            chosen = batch.filter(
                pc.and_(pc.equal(batch["partition"], "test"), pc.is_in(batch["utterance"], value_set=names))
            )
            for row in chosen.to_pylist():
                key = run.system, run.fold, row["utterance"], row["task"]
                with reading(WEIGHTS.path(run.folder), WEIGHTS.step):
                    check(key, row["weights"], window_count(store.samples(row["utterance"])))
                tasks = weights.setdefault(row["utterance"], {}).setdefault(run.system, {})
                tasks[row["task"]] = np.asarray(row["weights"], dtype=np.float32)
    return weights


def examples(
    chosen: Mapping[str, str], table: pd.DataFrame, spans: Spans | None, store: Store, weights: Weights
) -> list[Example]:
    """Return the chosen utterances with everything that the page shows about them."""
    return [
        Example(
            utterance=utterance,
            reason=reason,
            facts={name: _text(table.at[utterance, name]) for name in FACTS},
            cue=(spans or {}).get(utterance),
            pcm=store.pcm(utterance),
            sample_rate=store.sample_rate,
            attention=weights.get(utterance, {}),
        )
        for utterance, reason in chosen.items()
    ]


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
