"""The network: the shared front end and one branch per task."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from attune.model import front_ends
from attune.model.branch import Branch, Output
from attune.model.form import PAPERS, Form
from attune.model.frames import nearest, spread
from attune.model.front_ends.base import FrontEndBase
from attune.model.objectives.base import Objective
from attune.model.recurrent import run
from attune.model.windows import Batch


class TaskNetwork(nn.Module, ABC):
    """What training needs from a network: its tasks, a shared front end, and weights to save.

    `encoder_rate` is the share of the learning rate that applies to an encoder inside the network.
    """

    encoder_rate = 1.0

    def __init__(self, tasks: Mapping[str, int], front_end: FrontEndBase) -> None:
        super().__init__()
        self.tasks = tuple(tasks)
        self.classes = dict(tasks)
        self.front_end = front_end

    @abstractmethod
    def reset(self, seed: int, *, zero_output: bool = False) -> "TaskNetwork":
        """Reinitialise all parameters, part by part, from the seed and return the network."""

    @abstractmethod
    def weights(self) -> dict[str, Tensor]:
        """Return all parameters by name, on the CPU, as they are saved."""

    @abstractmethod
    def decide(self, shared: Tensor, windows: Tensor) -> dict[str, Output]:
        """Return each task's output from the front end's output for a batch of `windows` (batch,) windows each."""

    @abstractmethod
    def objective(self, task: str) -> Objective:
        """Return a task's training objective."""

    def forward(self, batch: Batch) -> dict[str, Output]:
        """Return each task's output for a batch."""
        return self.decide(self.front_end(batch.waves, batch.windows), batch.windows)


class Network(TaskNetwork):
    """One network for one or more tasks: 1,988,761 parameters with the paper's three tasks and its attention.

    Args:
        tasks: number of classes by task.
        attention: one of `attune.model.attention.ATTENTIONS`.
        dropout: share of the front end's values that is dropped in training.
        form: front end, direction and objective.
    """

    def __init__(self, tasks: Mapping[str, int], *, attention: str, dropout: float, form: Form = PAPERS) -> None:
        super().__init__(tasks, front_ends.named(form.front_end, dropout))
        width = self.front_end.width
        self.branches = nn.ModuleDict(
            {task: Branch(classes, width=width, attention=attention, form=form) for task, classes in tasks.items()}
        )

    def reset(self, seed: int, *, zero_output: bool = False) -> "Network":
        """Reinitialise all parameters, part by part, from the seed and return the network."""
        torch.manual_seed(seed)
        self.front_end.reset_parameters()
        for task in self.tasks:
            self.branch(task).reset_parameters(zero_output=zero_output)
        return self

    def weights(self) -> dict[str, Tensor]:
        """Return all parameters by name, on the CPU, with the front end's standardisation folded into the GRUs.

        They are those of an equivalent network without standardisation: the paper's network.
        """
        state = {name: tensor.detach().cpu().clone() for name, tensor in self.state_dict().items()}
        for task in self.tasks:
            for way in ("", "_reverse") if self.branch(task).gru.bidirectional else ("",):
                inputs, bias = (f"branches.{task}.gru.{name}_ih_l0{way}" for name in ("weight", "bias"))
                state[inputs], state[bias] = self.front_end.folded(state[inputs], state[bias])
        return state

    @property
    def attends(self) -> bool:
        """Whether its outputs include attention weights."""
        one = torch.tensor([1])
        branches = map(self.branch, self.tasks)
        return all(own.decide(torch.zeros(1, 1, own.hidden), one).attention is not None for own in branches)

    @property
    def bidirectional(self) -> bool:
        """Whether its GRUs are bidirectional."""
        return self.branch(self.tasks[0]).gru.bidirectional

    def branch(self, task: str) -> Branch:
        return cast(Branch, self.branches[task])

    def objective(self, task: str) -> Objective:
        return self.branch(task).objective

    def decide(self, shared: Tensor, windows: Tensor) -> dict[str, Output]:
        return self.answers(self.states(shared, windows), windows)

    def states(self, shared: Tensor, windows: Tensor) -> dict[str, Tensor]:
        """Return the outputs of each task's GRUs (batch, frames, hidden)."""
        grus = [self.branch(task).gru for task in self.tasks]
        return dict(zip(self.tasks, run(grus, shared, self.front_end.frames(windows)), strict=True))

    def answers(self, states: Mapping[str, Tensor], windows: Tensor) -> dict[str, Output]:
        """Return each task's output from the outputs of its GRUs; attention is over the paper's windows."""
        frames = self.front_end.frames(windows)
        found = {task: self.branch(task).decide(outputs, frames) for task, outputs in states.items()}
        return {task: self._on_windows(output, windows) for task, output in found.items()}

    def _on_windows(self, output: Output, windows: Tensor) -> Output:
        each = self.front_end.windows_per_frame
        if each == 1 or output.attention is None:
            return output
        return output._replace(attention=spread(output.attention, windows, each))

    def evidence(self, task: str, states: Tensor, windows: Tensor) -> Tensor:
        """Apply a task's output layer to each window's state alone: logits (batch, windows, classes)."""
        own, each = self.branch(task).evidence(states), self.front_end.windows_per_frame
        if each == 1:
            return own
        place = nearest(self.front_end.frames(windows), own.shape[1], each)
        return own.gather(1, place[..., None].expand(-1, -1, own.shape[2]))
