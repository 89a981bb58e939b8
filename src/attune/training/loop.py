"""The training loop: Adam on length-bucketed batches, early stopping on development UAR, a checkpoint every epoch.

The averaged weights (`attune.training.averaging`) are scored, compared and kept.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from attune.errors import AttuneError
from attune.model import predicting
from attune.model.network import TaskNetwork
from attune.model.objectives.base import Truth
from attune.model.windows import Batch
from attune.training import augmentation, batches, checkpoint, losses, rates, shared_dropout
from attune.training.averaging import Average
from attune.training.checkpoint import Checkpoint, State
from attune.training.examples import Examples
from attune.training.history import Epoch, best, finished
from attune.training.job import Job, Progress
from attune.training.scores import recall
from attune.training.standardising import standardise


@dataclass(frozen=True)
class Learning:
    """What every step changes besides the network."""

    average: Average
    optimiser: torch.optim.Optimizer


@dataclass(frozen=True)
class Trained:
    """The weights of the best epoch, ready to be saved, and the history of all epochs."""

    weights: State
    history: list[Epoch]


def _nobody(_: object) -> None:
    pass


def train(
    job: Job,
    path: Path,
    *,
    on_batch: Callable[[Progress], None] = _nobody,
    on_epoch: Callable[[Epoch], None] = _nobody,
    on_notice: Callable[[str], None] = _nobody,
) -> Trained:
    """Train a network until its development UAR stops rising, resuming from a checkpoint of ours at `path`, if any.

    Interruptions do not change the result: on a CPU with the same number of threads it is the same byte for byte.

    Args:
        on_batch: called with every batch.
        on_epoch: called with every epoch, including those found in the checkpoint.
        on_notice: called with a sentence if training resumes, or a checkpoint cannot be used.

    Raises:
        AttuneError: the loss is no longer a number, or the CUDA device is out of memory.
    """
    network, settings = job.network.to(job.device), job.settings
    job.beside.to(job.device)
    if settings.standardise and network.front_end.is_standardised:
        standardise(network, job.training, inputs=job.inputs, max_seconds=settings.max_seconds, device=job.device)
    state = Learning(Average(network, settings.average), rates.adam(network, settings, job.beside))
    history, best_weights = _resume(job, path, state, on_notice)
    for record in history:
        on_epoch(record)

    while not finished(history, job.settings.epochs, job.settings.patience):
        number = len(history) + 1
        train_loss = _train_epoch(job, state, number, on_batch)
        record = _develop(job, state.average.network, number, train_loss)
        history.append(record)
        if best(history) is record:
            best_weights = state.average.network.weights()
        if job.ranks.first:
            _save(path, job, state, history, best_weights)
        on_epoch(record)
    return Trained(best_weights, history)


def _train_epoch(job: Job, state: Learning, number: int, on_batch: Callable[[Progress], None]) -> float:
    """Train for one pass over the training partition and return its mean loss per utterance.

    All randomness in an epoch derives from the seed and the epoch's number, so resuming needs no random state.
    """
    settings, seed = job.settings, [job.settings.seed, number]
    job = replace(job, training=augmentation.of_epoch(job.training, settings, number))
    torch.manual_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
    plan = batches.shuffled(job.training.samples, settings.batch_size, seed)
    longest = int(settings.max_seconds * job.inputs.rate)
    weights = _class_weights(job)
    job.network.train()
    total, seen = 0.0, 0
    for place, positions in enumerate(plan, start=1):
        step = (number - 1) * len(plan) + place
        rates.set_rates(state.optimiser, step=step, warm_up=settings.warm_up * len(plan))
        total += _step(job, state.optimiser, positions, weights, longest)
        state.average.step(step)
        seen += len(positions)
        if not math.isfinite(total):
            raise _diverged(job, number, place)
        audio = sum(min(job.training.samples[p], longest) for p in positions) / job.inputs.rate
        on_batch(Progress(job.name, number, place, len(plan), total / seen, audio))
    return total / seen


def _step(
    job: Job, optimiser: torch.optim.Optimizer, positions: list[int], weights: dict[str, Tensor], longest: int
) -> float:
    """Take one step of Adam and return the batch's loss, summed over its utterances."""
    try:
        optimiser.zero_grad()
        summed = torch.zeros((), device=job.device)
        if job.ranks.count > 1:
            lengths = [min(job.training.samples[position], longest) for position in positions]
            shared_dropout.draw(job.network, job.ranks, [job.inputs.count(length) for length in lengths], job.device)
        if own := job.ranks.share(positions):
            batch, truth = _batch(job, job.training, own, longest)
            shared = job.network.front_end(batch.waves, batch.windows)
            outputs = job.network.decide(shared, batch.windows)
            found = losses.of_tasks(job.network, outputs, truth, weights, job.ranks.summed)
            frames, labels = job.network.front_end.frames(batch.windows), job.training.helping(own, job.device)
            summed = job.beside.weighed(found, len(own)) + job.beside.helped(shared, frames, labels)
            (summed / len(positions)).backward()  # type: ignore[no-untyped-call]
        else:
            losses.idle(job.network, job.ranks.summed, job.device)
        if job.settings.l2 and job.ranks.first:
            (job.settings.l2 * losses.l2(job.network)).backward()  # type: ignore[no-untyped-call]
        summed = summed.detach()
        job.ranks.add_gradients(job.trained, summed)
        if job.settings.gradient_clip:
            torch.nn.utils.clip_grad_norm_(job.trained.parameters(), job.settings.gradient_clip)
        optimiser.step()
        return summed.item()
    except torch.OutOfMemoryError:
        raise AttuneError(
            f"the CUDA device has too little memory for {len(positions)} utterances at once",
            where="train.batch_size",
            remedy="Lower train.batch_size, or train.max_seconds.",
        ) from None


def _develop(job: Job, network: TaskNetwork, number: int, train_loss: float) -> Epoch:
    """Score the development partition after an epoch."""
    counts = [job.inputs.count(length) for length in job.development.samples]
    weights = _class_weights(job)
    predicted = {task: np.zeros(len(counts), dtype=np.int64) for task in job.network.tasks}
    loss = 0.0
    for positions in job.ranks.share(list(predicting.batches(counts))):
        batch, truth = _batch(job, job.development, positions)
        outputs = predicting.outputs(network, batch)
        found = losses.of_tasks(network, outputs, truth, weights)
        loss += job.beside.weighed(found, len(positions)).item()
        for task, output in outputs.items():
            predicted[task][positions] = output.logits.argmax(1).cpu().numpy()
    summed = torch.tensor(loss, dtype=torch.float64)
    job.ranks.add_up([summed])
    job.ranks.add_up([torch.from_numpy(classes) for classes in predicted.values()])
    uar = {task: recall(job.development.classes[task], predicted[task]) for task in job.network.tasks}
    return Epoch(job.name, number, train_loss, summed.item() / len(counts), uar)


def _batch(
    job: Job, examples: Examples, positions: list[int], longest: int | None = None
) -> tuple[Batch, dict[str, Truth]]:
    utterances = [examples.waveform(examples.utterances[p])[:longest] for p in positions]
    batch = job.inputs.collate(utterances).to(job.device)
    return batch, {task: examples.truth(task, positions, job.device) for task in job.network.tasks}


def _class_weights(job: Job) -> dict[str, Tensor]:
    weights = losses.class_weights(job.settings, job.training.classes, job.network.classes)
    return {task: weight.to(job.device) for task, weight in weights.items()}


def _resume(job: Job, path: Path, state: Learning, on_notice: Callable[[str], None]) -> tuple[list[Epoch], State]:
    """Restore the network, its average and Adam from the checkpoint; return the history and best weights so far."""
    saved = job.ranks.from_first(lambda: _saved(path, job, on_notice))
    if saved is None:
        return [], {}
    job.network.load_state_dict(saved.weights)
    state.average.network.load_state_dict(saved.average)
    job.beside.load_state_dict(saved.beside)
    groups = state.optimiser.state_dict()["param_groups"]
    state.optimiser.load_state_dict({"state": saved.moments, "param_groups": groups})
    on_notice(f"{job.name}: resuming after epoch {len(saved.history)}, from {path}")
    return saved.history, saved.best_weights


def _saved(path: Path, job: Job, on_notice: Callable[[str], None]) -> Checkpoint | None:
    if not path.exists():
        return None
    try:
        return checkpoint.read(path, job.fingerprint)
    except AttuneError as error:
        on_notice(f"{error}; training starts from scratch")
        return None


def _save(path: Path, job: Job, state: Learning, history: list[Epoch], best_weights: State) -> None:
    moments = {
        number: {name: value.detach().cpu() for name, value in own.items()}
        for number, own in state.optimiser.state_dict()["state"].items()
    }
    weights, average = _copy(job.network), _copy(state.average.network)
    kept = Checkpoint(weights, average, moments, best_weights, history, _copy(job.beside))
    checkpoint.write(path, kept, job.fingerprint)


def _copy(network: nn.Module) -> State:
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}


def _diverged(job: Job, epoch: int, batch: int) -> AttuneError:
    return AttuneError(
        f"the loss of {job.name} is no longer a number, in epoch {epoch}, batch {batch}",
        where="train.learning_rate",
        remedy=f"Lower train.learning_rate, now {job.settings.learning_rate:g}, or train.gradient_clip.",
    )
