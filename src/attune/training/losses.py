"""What training minimises: the tasks' weighted cross-entropies, and an L2 term."""

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attune.model.branch import Output
from attune.params import Train
from attune.training.examples import Classes


def balanced(classes: Classes, count: int) -> Tensor:
    """Weights (count,) inverse to the classes' frequency, of mean 1 over the utterances; 0 for a class nobody has."""
    counts = np.bincount(classes, minlength=count)
    present = counts > 0
    weights = np.zeros(count)
    weights[present] = len(classes) / (present.sum() * counts[present])
    return torch.tensor(weights, dtype=torch.float32)


def class_weights(settings: Train, classes: Mapping[str, Classes], counts: Mapping[str, int]) -> dict[str, Tensor]:
    """Each task's class weights (count,) times the task's own weight w_m, as the parameters want them.

    Args:
        counts: how many classes each task has.
    """
    even = settings.class_weights == "none"
    return {
        task: settings.task_weights.of(task) * (torch.ones(count) if even else balanced(classes[task], count))
        for task, count in counts.items()
    }


def cross_entropy(
    outputs: Mapping[str, Output], classes: Mapping[str, Tensor], weights: Mapping[str, Tensor]
) -> Tensor:
    """The sum over tasks of the class-weighted cross-entropy, added up over the batch's utterances.

    Added up, and later divided by the number of utterances rather than by their weights' sum, an utterance counts
    the same whatever batch it falls into.
    """
    return torch.stack(
        [
            F.cross_entropy(output.logits, classes[task], weight=weights[task], reduction="sum")
            for task, output in outputs.items()
        ]
    ).sum()


def l2(network: nn.Module) -> Tensor:
    """The sum of squares of all weights; biases are left out."""
    return torch.stack([p.square().sum() for name, p in network.named_parameters() if "bias" not in name]).sum()
