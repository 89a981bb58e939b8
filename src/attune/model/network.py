"""The network: the shared front end and one branch per task."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from attune.model import front_ends
from attune.model.branch import HIDDEN, Branch, Output
from attune.model.front_ends.base import FrontEndBase
from attune.model.recurrent import run
from attune.model.windows import Batch


class TaskNetwork(nn.Module, ABC):
    """What training needs of a network: its tasks, a shared front end, weights to be saved.

    `encoder_rate` is the share of the learning rate at which an encoder within learns.
    """

    encoder_rate = 1.0

    def __init__(self, tasks: Mapping[str, int], front_end: FrontEndBase) -> None:
        super().__init__()
        self.tasks = tuple(tasks)
        self.classes = dict(tasks)
        self.front_end = front_end

    @abstractmethod
    def reset(self, seed: int, *, zero_output: bool = False) -> "TaskNetwork":
        """Draw all parameters anew from the seed, each part its own, and return the network."""

    @abstractmethod
    def weights(self) -> dict[str, Tensor]:
        """All parameters by name, on the CPU, as they are saved."""

    @abstractmethod
    def forward(self, batch: Batch) -> dict[str, Output]:
        """What each task says of a batch."""


class Network(TaskNetwork):
    """One network for one or several tasks. With the paper's three and its attention it has 1,988,761 parameters.

    Args:
        tasks: how many classes each task has.
        attention: one of `attune.model.attention.ATTENTIONS`.
        front_end: one of `attune.model.front_ends.FRONT_ENDS`.
        dropout: share of the front end's values that are dropped in training.
    """

    def __init__(self, tasks: Mapping[str, int], *, attention: str, dropout: float, front_end: str = "paper") -> None:
        super().__init__(tasks, front_ends.named(front_end, dropout))
        width = self.front_end.width
        self.branches = nn.ModuleDict(
            {task: Branch(classes, width=width, attention=attention) for task, classes in tasks.items()}
        )

    def reset(self, seed: int, *, zero_output: bool = False) -> "Network":
        """Draw all parameters anew from the seed, each part its own, and return the network."""
        torch.manual_seed(seed)
        self.front_end.reset_parameters()
        for task in self.tasks:
            self.branch(task).reset_parameters(zero_output=zero_output)
        return self

    def weights(self) -> dict[str, Tensor]:
        """All parameters by name, on the CPU, with the front end's standardisation folded into the GRUs.

        They are those of a network without it that gives the same answers: the paper's network.
        """
        state = {name: tensor.detach().cpu().clone() for name, tensor in self.state_dict().items()}
        for task in self.tasks:
            inputs, bias = f"branches.{task}.gru.weight_ih_l0", f"branches.{task}.gru.bias_ih_l0"
            state[inputs], state[bias] = self.front_end.folded(state[inputs], state[bias])
        return state

    @property
    def attends(self) -> bool:
        """Whether its answers come with attention weights."""
        nothing, one = torch.zeros(1, 1, HIDDEN), torch.tensor([1])
        return all(self.branch(task).decide(nothing, one).attention is not None for task in self.tasks)

    def branch(self, task: str) -> Branch:
        return cast(Branch, self.branches[task])

    def forward(self, batch: Batch) -> dict[str, Output]:
        flattened = self.front_end(batch.waves, batch.windows)
        recurrent = run([self.branch(task).gru for task in self.tasks], flattened)
        return {
            task: self.branch(task).decide(outputs, batch.windows)
            for task, outputs in zip(self.tasks, recurrent, strict=True)
        }


def parameter_count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
