"""Predict the development and test utterances of a model's fold."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from attune.artifacts import predictions as artifacts
from attune.artifacts.predictions import WEIGHTS, Provenance, write_provenance
from attune.artifacts.utterances import read_tasks
from attune.errors import AttuneError
from attune.features.packed import Packed
from attune.model import bundle, compute
from attune.model.bundle import Description, Prediction, Predictor
from attune.model.description import TakesFeatures
from attune.params import Params
from attune.steps.fitting import fold as folds
from attune.steps.gathering.said import Said
from attune.storage.files import whole_folder
from attune.tasks import Tasks
from attune.terminal import tracked
from attune.visible import on_a_line
from attune.waveform.store import Store

READS = ("compute",)

GROUP = 64
"""Utterances whose waveforms and attention weights are in memory at once."""


def run(params: Params, *, model: Path, validated: Path, store: Path, features: Path, out: Path) -> None:
    """Write predictions.parquet, attention.parquet and provenance.json into `out`.

    Raises:
        AttuneError: inputs are missing or damaged, or utterances do not fit the model's protocol.
    """
    trained = bundle.load(model, compute.prepare(params.compute))
    description = trained.description
    if read_tasks(validated) != description.tasks:
        raise AttuneError(
            f"was trained for {_named(description.tasks)}, and the corpus has {_named(read_tasks(validated))}",
            where=model,
            remedy="Train it again with `attune train`.",
        )
    parts = folds.read(validated, description.protocol, description.fold)
    waveforms = folds.open_store(store)
    taken = folds.open_features(features, description.system)
    wanted = {"development": sorted(parts.development["utterance"]), "test": sorted(parts.test["utterance"])}
    said = Said(wanted, description.tasks)
    with whole_folder(out) as folder:
        with WEIGHTS.writing(folder) as weights:
            for cells in _predict(trained, waveforms, taken, wanted):
                weights.add([row for cell in cells for row in _attention_rows(description, *cell)])
                for partition, utterance, found in cells:
                    said.take(partition, utterance, found)
        with artifacts.table(description.tasks).writing(folder) as predictions:
            for group in said.groups(description.system, description.fold):
                predictions.add_table(group)
        write_provenance(folder, _provenance(trained, parts.train))
    print(
        f"{on_a_line(out)}: {', '.join(f'{len(names)} {partition}' for partition, names in wanted.items())} utterances"
    )


Cell = tuple[str, str, Prediction]
"""A partition, one of its utterances, and its prediction."""


def _predict(
    model: Predictor, store: Store, features: Packed | None, wanted: Mapping[str, Sequence[str]]
) -> Iterator[list[Cell]]:
    """Yield predictions in groups of similar length; an utterance of both partitions is predicted once."""
    partitions: dict[str, list[str]] = {}
    for partition, names in wanted.items():
        for name in names:
            partitions.setdefault(name, []).append(partition)
    ordered = sorted(partitions, key=lambda utterance: (store.samples(utterance), utterance))
    groups = [ordered[begin : begin + GROUP] for begin in range(0, len(ordered), GROUP)]
    title = f"{model.description.system} {model.description.fold}: predicting"
    for group in tracked(groups, title):
        if features is not None and isinstance(model, TakesFeatures):
            lengths = [store.samples(utterance) for utterance in group]
            found = model.predict_features([features[utterance] for utterance in group], lengths)
        else:
            found = model.predict([store[utterance] for utterance in group])
        yield [(part, name, said) for name, said in zip(group, found, strict=True) for part in partitions[name]]


def _key(description: Description, partition: str, utterance: str, task: str) -> dict[str, object]:
    return {
        "system": description.system,
        "fold": description.fold,
        "partition": partition,
        "utterance": utterance,
        "task": task,
    }


def _attention_rows(
    description: Description, partition: str, utterance: str, found: Prediction
) -> list[dict[str, object]]:
    if found.attention is None:
        return []
    return [_key(description, partition, utterance, task) | {"weights": own} for task, own in found.attention.items()]


def _provenance(model: Predictor, train: pd.DataFrame) -> Provenance:
    about = model.description
    return Provenance(
        protocol=about.protocol,
        system=about.system,
        fold=about.fold,
        weights_sha256=model.weights_sha256,
        majority_class={task.name: int(pd.Series(task.to_class(train[task.name])).mode()[0]) for task in about.tasks},
        mean_rating={
            task.name: float(pd.Series(task.own(train[task.name])).mean()) for task in about.tasks if task.rated
        },
        tasks=about.tasks,
    )


def _named(tasks: Tasks) -> str:
    """Name tasks with scale and classes, since these may be what differs."""
    return "; ".join(
        f"{task.name} ({', '.join(task.classes)}{_spoken(task.scale) if task.rated else ''})" for task in tasks
    )


def _spoken(scale: tuple[float, float]) -> str:
    return f" from {scale[0]:g} to {scale[1]:g}"
