"""What training minimises: the tasks' weighted losses, and an L2 term."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from attune.model.branch import Output
from attune.model.network import TaskNetwork
from attune.model.objectives.base import Together, Truth
from attune.params import Train
from attune.training.examples import Classes


def balanced(classes: Classes, count: int) -> Tensor:
    """Return weights (count,) inverse to class frequency, with mean 1 over utterances; 0 for a class without any."""
    counts = np.bincount(classes, minlength=count)
    present = counts > 0
    weights = np.zeros(count)
    weights[present] = len(classes) / (present.sum() * counts[present])
    return torch.tensor(weights, dtype=torch.float32)


def by_itself(tensor: Tensor) -> Tensor:
    """Return the sum over processes if there is only one: the tensor."""
    return tensor


def class_weights(settings: Train, classes: Mapping[str, Classes], counts: Mapping[str, int]) -> dict[str, Tensor]:
    """Return each task's class weights (count,), as the parameters specify.

    Args:
        counts: number of classes by task.
    """
    even = settings.class_weights == "none"
    return {task: torch.ones(count) if even else balanced(classes[task], count) for task, count in counts.items()}


def of_tasks(
    network: TaskNetwork,
    outputs: Mapping[str, Output],
    truth: Mapping[str, Truth],
    weights: Mapping[str, Tensor],
    together: Together = by_itself,
) -> dict[str, Tensor]:
    """Return each task's loss by its objective, summed over these utterances.

    Args:
        weights: each task's class weights.
        together: sums a tensor over the processes that share the batch.
    """
    return {
        task: network.objective(task).loss(output.said, truth[task], weights[task], together)
        for task, output in outputs.items()
    }


def idle(network: TaskNetwork, together: Together, device: torch.device) -> None:
    """Take part in the sums over processes when a batch has no utterance for this one."""
    for task in network.tasks:
        network.objective(task).idle(together, device)


def weighted(losses: Mapping[str, Tensor], settings: Train) -> Tensor:
    """Return the sum over tasks of w_m times the task's loss, with fixed weights from the parameters."""
    return torch.stack([settings.task_weights.of(task) * loss for task, loss in losses.items()]).sum()


def l2(network: nn.Module) -> Tensor:
    """Return the sum of squares of all weights, without biases."""
    own = [p for name, p in network.named_parameters() if "bias" not in name.rpartition(".")[2]]
    return torch.stack([p.square().sum() for p in own]).sum()
