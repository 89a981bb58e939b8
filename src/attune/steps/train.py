"""Train one system on one fold of the protocol."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import torch

from attune.artifacts.history import HISTORY
from attune.artifacts.utterances import read_tasks
from attune.errors import AttuneError
from attune.model import bundle, compute, systems
from attune.model import form as forms
from attune.model.bundle import Description
from attune.model.others import encoded, handcrafted
from attune.params import Params
from attune.steps import choices
from attune.steps.fitting import auxiliary_labels, labels, train_encoder, train_handcrafted, train_jobs
from attune.steps.fitting import fold as folds
from attune.steps.fitting.training_progress import TrainingProgress
from attune.storage.files import whole_folder
from attune.tasks import Task, Tasks
from attune.tracking.sending import follow
from attune.tracking.sending.follow import Record
from attune.training import distributed, shared
from attune.training.distributed import Ranks
from attune.training.history import Epoch, best
from attune.training.job import Job
from attune.training.loop import Trained, train
from attune.visible import on_a_line

READS = ("protocol", "compute", "train")


def run(
    params: Params,
    *,
    system: str,
    fold: str,
    validated: Path,
    store: Path,
    features: Path,
    checkpoints: Path,
    out: Path,
) -> None:
    """Write model.safetensors, model.json and history.csv into `out`, resuming from a checkpoint if there is one.

    Under `torchrun`, its processes share the training run; the first of them reports and writes.

    Raises:
        AttuneError: there is no such system or fold, inputs are missing or damaged, the loss is not a number, memory
            does not suffice, the run was interrupted (Ctrl-C), or another process was lost.
    """
    device = compute.prepare(params.compute)
    compute.keep_freed_memory()
    with distributed.together(device) as ranks:
        _run(params, ranks, device, system, fold, validated, store, features, checkpoints, out)


def _run(
    params: Params,
    ranks: Ranks,
    device: torch.device,
    system: str,
    fold: str,
    validated: Path,
    store: Path,
    features: Path,
    checkpoints: Path,
    out: Path,
) -> None:
    shown = {"protocol": params.protocol, "compute": params.compute.model_dump(), "train": params.train.model_dump()}
    tasks = read_tasks(validated)
    choices.check(params.train, system, tasks)
    form = forms.of(params.train)
    is_network, place = system not in handcrafted.SYSTEMS, features / system
    parts = folds.read(validated, params.protocol, fold, *auxiliary_labels.columns(params.train, validated, tasks))
    notices = labels.check(parts, tasks, fold)
    if ranks.first:
        print(*notices, sep="\n", end="\n" if notices else "")
    subject = train_encoder.open_subject(place, params.train, tasks, device) if system == encoded.SYSTEM else None
    taken = folds.open_features(features, system)
    waveforms = folds.open_store(store)
    mean, std = waveforms.statistics(parts.train["utterance"])
    folder = checkpoints / system / fold
    if is_network:
        known = (params.train, parts, waveforms, taken)
        begun = subject.begun if subject else train_jobs.fresh(systems.named(system, tasks, form), *known)
        jobs = train_jobs.of(params, ranks, begun, fold, parts, waveforms, taken, device)
        folder /= jobs[0].fingerprint[:16]
        if not ranks.first:
            for job in jobs:
                train(job, folder / f"{job.name}.checkpoint")
            return
        used = shared.enter(folder)
        with follow.follow(system, fold, jobs[0].fingerprint, shown) as record:
            trained = _train(jobs, tasks, f"{system} {fold}", folder, record)
    elif not ranks.first:  # not worth sharing
        return
    elif taken:
        with follow.follow(system, fold, train_handcrafted.digest(system, parts, tasks, taken), shown) as record:
            trained = train_handcrafted.fit(system, parts, tasks, taken)
            for epoch in (epoch for result in trained.values() for epoch in result.history):
                record(_row(epoch, tasks))

    description = Description(
        protocol=params.protocol,
        system=system,
        fold=fold,
        mean=mean,
        std=std,
        class_values={task.name: _class_values(task, parts.train[task.name]) for task in tasks if task.rated},
        seed=params.train.seed,
        best_epoch={name: best(result.history).epoch for name, result in trained.items()},
        tasks=tasks,
    )
    with whole_folder(out) as temporary:
        states = {name: result.weights for name, result in trained.items()}
        if subject:
            bundle.save(temporary, description, subject.states(states[encoded.JOINT]), subject.architecture)
        else:
            bundle.save(temporary, description, states, bundle.architecture(system, form))
        HISTORY.write(temporary, _table(trained, tasks))
    if is_network:
        shared.leave(folder, used)
    _summarise(trained, out)


def _train(jobs: list[Job], tasks: Tasks, title: str, folder: Path, record: Record) -> dict[str, Trained]:
    try:
        with TrainingProgress(title, jobs[0].settings.epochs) as progress:

            def on_epoch(epoch: Epoch) -> None:
                progress.epoch(epoch)
                record(_row(epoch, tasks))

            return {
                job.name: train(
                    job,
                    folder / f"{job.name}.checkpoint",
                    on_batch=progress.batch,
                    on_epoch=on_epoch,
                    on_notice=progress.notice,
                )
                for job in jobs
            }
    except KeyboardInterrupt:
        raise AttuneError(
            "interrupted (Ctrl-C)", where=title, remedy="The same command resumes after the last complete epoch."
        ) from None


def _class_values(task: Task, ratings: pd.Series) -> list[float]:
    """Return each class' mean rating on the corpus' own scale; for an absent class, the middle of its range."""
    means = pd.Series(task.own(ratings)).groupby(task.to_class(ratings)).mean()
    return [float(means.get(number, middle)) for number, middle in enumerate(task.middles)]


def _table(trained: Mapping[str, Trained], tasks: Tasks) -> pd.DataFrame:
    return pd.DataFrame([_row(epoch, tasks) for result in trained.values() for epoch in result.history])


def _row(epoch: Epoch, tasks: Tasks) -> dict[str, object]:
    uar: dict[str, float] = epoch.development_uar
    return {
        "network": epoch.network,
        "epoch": epoch.epoch,
        "train_loss": epoch.train_loss,
        "development_loss": epoch.development_loss,
        **{f"development_uar_{task.name}": uar.get(task.name) for task in tasks},
        "development_uar": epoch.mean_uar,
    }


def _summarise(trained: Mapping[str, Trained], out: Path) -> None:
    for name, result in trained.items():
        chosen = best(result.history)
        scores = ", ".join(f"{task} {100 * uar:.1f}" for task, uar in chosen.development_uar.items())
        print(f"{on_a_line(out)}: {name}, epoch {chosen.epoch} of {len(result.history)}, development UAR {scores}")
