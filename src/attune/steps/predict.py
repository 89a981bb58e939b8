"""Predict the development and test utterances of a model's fold."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import track

from attune.artifacts.predictions import PREDICTIONS, WEIGHTS, Provenance, write_provenance
from attune.corpus.labels import to_class
from attune.files import whole_folder
from attune.model import bundle, compute
from attune.model.bundle import Description, Prediction, Predictor
from attune.params import TASKS, Params
from attune.signal import CLASSES
from attune.steps import fold as folds
from attune.waveform.store import Store

READS = ("compute",)

GROUP = 64
"""Utterances whose waveforms are in memory at once."""


def run(params: Params, *, model: Path, validated: Path, store: Path, out: Path) -> None:
    """Write predictions.parquet, attention.parquet and provenance.json into `out`.

    Raises:
        AttuneError: missing or damaged inputs, or utterances that do not fit the model's protocol.
    """
    trained = bundle.load(model, compute.prepare(params.compute))
    description = trained.description
    parts = folds.read(validated, description.protocol, description.fold)
    waveforms = folds.open_store(store)
    wanted = {"development": sorted(parts.development["utterance"]), "test": sorted(parts.test["utterance"])}
    found = _predict(trained, waveforms, [utterance for names in wanted.values() for utterance in names])

    cells = [(partition, utterance) for partition, names in wanted.items() for utterance in names]
    predictions = [row for cell in cells for row in _rows(description, *cell, found[cell[1]])]
    attention = [row for cell in cells for row in _attention_rows(description, *cell, found[cell[1]])]
    with whole_folder(out) as folder:
        with PREDICTIONS.writing(folder) as rows:
            rows.add(predictions)
        with WEIGHTS.writing(folder) as rows:
            rows.add(attention)
        write_provenance(folder, _provenance(trained, parts.train))
    print(f"{out}: {', '.join(f'{len(names)} {partition}' for partition, names in wanted.items())} utterances")


def _predict(model: Predictor, store: Store, utterances: Sequence[str]) -> dict[str, Prediction]:
    """Predictions by utterance, made in groups of similar length; one of both partitions is predicted once."""
    ordered = sorted(set(utterances), key=lambda utterance: (store.samples(utterance), utterance))
    groups = [ordered[begin : begin + GROUP] for begin in range(0, len(ordered), GROUP)]
    console = Console(stderr=True)
    title = f"{model.description.system} {model.description.fold}: predicting"
    found: dict[str, Prediction] = {}
    for group in track(groups, title, console=console, disable=not console.is_terminal, transient=True):
        found.update(zip(group, model.predict([store[utterance] for utterance in group]), strict=True))
    return found


def _key(description: Description, partition: str, utterance: str, task: str) -> dict[str, object]:
    return {
        "system": description.system,
        "fold": description.fold,
        "partition": partition,
        "utterance": utterance,
        "task": task,
    }


def _rows(description: Description, partition: str, utterance: str, found: Prediction) -> list[dict[str, object]]:
    return [
        _key(description, partition, utterance, task)
        | dict(zip(CLASSES, found.probabilities[task].tolist(), strict=True))
        | {"predicted": int(found.probabilities[task].argmax()), "score": found.scores[task]}
        for task in TASKS
    ]


def _attention_rows(
    description: Description, partition: str, utterance: str, found: Prediction
) -> list[dict[str, object]]:
    if found.attention is None:
        return []
    return [_key(description, partition, utterance, task) | {"weights": found.attention[task]} for task in TASKS]


def _provenance(model: Predictor, train: pd.DataFrame) -> Provenance:
    about = model.description
    return Provenance(
        protocol=about.protocol,
        system=about.system,
        fold=about.fold,
        weights_sha256=model.weights_sha256,
        majority_class={task: int(pd.Series(to_class(train[task])).mode()[0]) for task in TASKS},
        mean_rating={task: float(train[task].mean()) for task in TASKS},
    )
