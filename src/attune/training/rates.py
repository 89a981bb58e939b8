"""Adam, and the learning rate of each part of a network at each step."""

import re

import torch
from torch import nn

from attune.model.network import TaskNetwork
from attune.params import Train

_FULL = "full_rate"
_ATTENTION = re.compile(r"(branches|heads)\.\w+\.attention\.")


def adam(network: TaskNetwork, settings: Train, beside: nn.Module | None = None) -> torch.optim.Adam:
    """Return Adam with separate learning rates for the parameters of attention and of an encoder.

    A vector that starts at zero before a softmax over hundreds of windows has such small gradients, compared with all
    others, that at the common rate attention stays close to the plain mean. A pretrained encoder learns at a small
    share of the rate, or it would forget. What is trained with the network (`beside`) learns at the common rate.
    """
    shares = {"rest": 1.0, "attention": settings.attention_rate, "encoder": network.encoder_rate}
    parts: dict[str, list[torch.nn.Parameter]] = {name: [] for name in shares}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            parts[_part(name)].append(parameter)
    parts["rest"] += beside.parameters() if beside else []
    groups = [(own, settings.learning_rate * shares[part]) for part, own in parts.items()]
    return torch.optim.Adam([{"params": own, "lr": rate, _FULL: rate} for own, rate in groups if own])


def _part(name: str) -> str:
    """Return the part of a network that a named parameter belongs to, whatever its tasks are called.

    An encoder has attention of its own. What low-rank adaptation adds to it is not pretrained and belongs to the rest.
    """
    if name.startswith("front_end.encoder."):
        return "rest" if ".lora_" in name else "encoder"
    return "attention" if _ATTENTION.match(name) else "rest"


def set_rates(optimiser: torch.optim.Optimizer, *, step: int, warm_up: float) -> None:
    """Set the learning rates of step `step`, counted from 1, which rise linearly over the first `warm_up` steps."""
    share = min(1.0, step / warm_up) if warm_up else 1.0
    for group in optimiser.param_groups:
        group["lr"] = share * group[_FULL]
