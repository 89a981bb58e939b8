"""The network: the shared front end and one branch per task."""

from collections.abc import Sequence
from typing import cast

from torch import nn

from attune.model.branch import Branch, Output
from attune.model.front_end import FrontEnd
from attune.model.recurrent import run
from attune.model.windows import Batch
from attune.params import TASKS, Task


class Network(nn.Module):
    """One network for one or several tasks. With all three and attention it has 1,988,761 parameters."""

    def __init__(self, tasks: Sequence[Task], *, attention: bool, dropout: float) -> None:
        super().__init__()
        self.tasks = tuple(task for task in TASKS if task in tasks)
        self.front_end = FrontEnd(dropout)
        self.branches = nn.ModuleDict({task: Branch(attention) for task in self.tasks})

    def branch(self, task: Task) -> Branch:
        return cast(Branch, self.branches[task])

    def forward(self, batch: Batch) -> dict[Task, Output]:
        flattened = self.front_end(batch.waves, batch.windows)
        recurrent = run([self.branch(task).gru for task in self.tasks], flattened)
        return {
            task: self.branch(task).decide(outputs, batch.windows)
            for task, outputs in zip(self.tasks, recurrent, strict=True)
        }


def parameter_count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
