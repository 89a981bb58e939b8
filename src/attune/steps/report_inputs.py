"""What the page is made of, read from where the other steps wrote it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from attune.errors import AttuneError
from attune.evaluation.predictions import find, read_table
from attune.findings import Finding, from_json
from attune.numbers import Score
from attune.params import TASKS
from attune.report.material import Example, Run, Scores
from attune.signal import CLASSES
from attune.waveform.store import Store

Weights = Mapping[str, Mapping[str, Mapping[str, npt.NDArray[np.float32]]]]
"""utterance -> system -> task -> weights, shape (windows,)."""

Spans = Mapping[str, tuple[float, float]]
"""utterance -> start and end of the part that carries its emotion, in seconds."""

FACTS = ("speaker", "gender", "scenario", "category", "transcript")
_AGAIN = "Run the step that writes it again."


def utterances(validated: Path) -> pd.DataFrame:
    """Accepted utterances, indexed by utterance."""
    table = read_table(validated / "utterances.parquet", ("utterance", *FACTS, *TASKS, "duration"))
    return table.set_index("utterance", drop=False)


def cues(corpus: Path) -> Spans | None:
    """Where each utterance carries its emotion; only a synthetic corpus knows."""
    path = corpus / "cues.parquet"
    if not path.exists():
        return None
    table = read_table(path, ("utterance", "start", "end"))
    return {str(utterance): (float(start), float(end)) for utterance, start, end in table.to_numpy().tolist()}


def tested(evaluation: Path, told: Run) -> pd.DataFrame:
    """Test predictions of this run's systems beside the truth."""
    path = evaluation / "predictions.parquet"
    columns = (
        "system",
        "partition",
        "utterance",
        "task",
        *CLASSES,
        "predicted",
        "score",
        "rating",
        "actual",
        "speaker",
    )
    table = read_table(path, columns)
    rows = table[(table["partition"] == "test") & table["system"].isin(list(told.systems))]
    missing = set(told.systems) - set(rows["system"])
    if missing:
        raise AttuneError(f"holds no test predictions of {min(missing)}", where=path, remedy=_AGAIN)
    return rows.reset_index(drop=True)


def scores(metrics: Path, told: Run) -> Scores:
    """The scores of this run's protocol.

    Raises:
        AttuneError: scores of another protocol, or none of one of the systems.
    """
    values = read_json(metrics)
    try:
        found = {
            system: {
                partition: {task: {name: Score.of(entry) for name, entry in own.items()} for task, own in tasks.items()}
                for partition, tasks in partitions.items()
            }
            for system, partitions in values[told.protocol].items()
        }
        for system in told.systems:
            for task in TASKS:
                found[system]["test"][task]["uar"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AttuneError(
            f"holds no scores of this run: {told.protocol}, {', '.join(told.systems)} ({error!r})",
            where=metrics,
            remedy="Run `attune evaluate` again with these parameters.",
        ) from None
    return found


def model_folders(models: Sequence[Path], told: Run) -> dict[tuple[str, str], Path]:
    """The folder of every system and fold of this run, in that order, wherever it lies at or under `models`."""
    found = {}
    for file in sorted(file for path in models for file in path.rglob("model.json")):
        description = read_json(file)
        found[description.get("system"), description.get("fold")] = file.parent
    for key in ((system, fold) for system in told.systems for fold in told.folds):
        if key not in found:
            raise AttuneError(
                f"no model of {key[0]} on {key[1]}",
                where=", ".join(map(str, models)),
                remedy="Run `attune train` for it, or name its folder with --models.",
            )
    return {(system, fold): found[system, fold] for system in told.systems for fold in told.folds}


def peakedness(attention: Path, system: str) -> pd.DataFrame:
    """Normalised entropy of each utterance's attention: utterance, task, entropy; empty without attention."""
    table = read_csv_if_there(attention / "attention.csv")
    columns = ["utterance", "task", "entropy"]
    if table is None or table.empty:
        return pd.DataFrame(columns=columns)
    return table.loc[table["system"] == system, columns].dropna()


def findings(attention: Path) -> list[Finding]:
    """What the analysis of attention found."""
    path = attention / "attention.json"
    try:
        return from_json(read_json(path).get("findings", []))
    except ValueError as error:
        raise AttuneError(f"has no findings that this attune can read ({error})", where=path, remedy=_AGAIN) from None


def attention_weights(predictions: Sequence[Path], told: Run, wanted: Sequence[str]) -> Weights:
    """The weights of these utterances where they were tested, of the systems that have attention."""
    found: dict[str, dict[str, dict[str, npt.NDArray[np.float32]]]] = {}
    for run in find(predictions, protocol=told.protocol, systems=told.systems, folds=told.folds):
        for row in _rows_of(run.folder / "attention.parquet", wanted).itertuples(index=False):
            tasks = found.setdefault(str(row.utterance), {}).setdefault(run.system, {})
            tasks[str(row.task)] = np.asarray(row.weights, dtype=np.float32)
    return found


def examples(
    chosen: Mapping[str, str], table: pd.DataFrame, spans: Spans | None, store: Store, weights: Weights
) -> list[Example]:
    """The chosen utterances with everything the page shows of them."""
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


def read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AttuneError("no such file", where=path, remedy=_AGAIN) from None
    except (OSError, ValueError) as error:
        raise AttuneError(f"is not readable JSON ({error})", where=path, remedy=_AGAIN) from None
    if not isinstance(values, dict):
        raise AttuneError("is not a JSON object", where=path, remedy=_AGAIN)
    return values


def read_csv(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except FileNotFoundError:
        raise AttuneError("no such file", where=path, remedy=_AGAIN) from None
    except (OSError, ValueError) as error:  # pandas' parser errors are ValueErrors
        raise AttuneError(f"is not a readable table ({error})", where=path, remedy=_AGAIN) from None


def read_csv_if_there(path: Path) -> pd.DataFrame | None:
    return read_csv(path) if path.exists() else None


def _rows_of(path: Path, wanted: Sequence[str]) -> pd.DataFrame:
    filters = [("utterance", "in", list(wanted)), ("partition", "==", "test")]
    try:
        return pd.read_parquet(path, columns=["utterance", "task", "weights"], filters=filters)
    except FileNotFoundError:
        raise AttuneError("no such file", where=path, remedy=_AGAIN) from None
    except (pa.ArrowException, OSError) as error:
        raise AttuneError(f"cannot be read ({error})", where=path, remedy=_AGAIN) from None


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
