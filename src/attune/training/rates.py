"""Adam, and how fast each part of a network learns when."""

import torch

from attune.model.network import Network
from attune.params import Train

_FULL = "full_rate"


def adam(network: Network, settings: Train) -> torch.optim.Adam:
    """Adam with a learning rate of their own for the attentions' parameters.

    A vector that begins at zero in front of a softmax over hundreds of windows has gradients so small, beside all
    others', that at the common rate attention stays close to the plain mean.
    """
    attention: list[torch.nn.Parameter] = []
    rest: list[torch.nn.Parameter] = []
    for name, parameter in network.named_parameters():
        (attention if ".attention." in name else rest).append(parameter)
    groups = [(rest, settings.learning_rate), (attention, settings.learning_rate * settings.attention_rate)]
    return torch.optim.Adam([{"params": own, "lr": rate, _FULL: rate} for own, rate in groups if own])


def set_rates(optimiser: torch.optim.Optimizer, *, step: int, warm_up: float) -> None:
    """The learning rates of step `step`, counted from 1: rising evenly over the first `warm_up` steps."""
    share = min(1.0, step / warm_up) if warm_up else 1.0
    for group in optimiser.param_groups:
        group["lr"] = share * group[_FULL]
