"""`ssl-att`: an encoder's frames and, for each task, a projection, the paper's attention over frames, a softmax."""

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from attune.model import attention as attentions
from attune.model import objectives
from attune.model.branch import HIDDEN, Output
from attune.model.front_ends.layers import Layers
from attune.model.network import TaskNetwork
from attune.model.objectives.base import Objective


class Head(nn.Module):
    """A task's head: a linear map to 128 values, attention, classes. It has no GRU: the encoder mixes time already."""

    def __init__(self, classes: int, *, width: int, attention: str, objective: str = "classes") -> None:
        super().__init__()
        self.objective = objectives.named(objective, classes)
        self.projection = nn.Linear(width, HIDDEN)
        self.attention = attentions.named(attention, HIDDEN)
        self.output = nn.Linear(HIDDEN, self.objective.outputs)

    def reset_parameters(self, *, zero_output: bool = False) -> None:
        """Initialise both maps by Xavier, or the output to zero; biases to zero."""
        for layer in (self.projection, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        if zero_output:
            nn.init.zeros_(self.output.weight)
        self.attention.reset_parameters()

    def forward(self, frames: Tensor, counts: Tensor) -> Output:
        """Map frames (batch, frames, width), of which `counts` (batch,) are no padding, to a task's output."""
        pooled = self.attention(self.projection(frames).relu(), counts)
        logits, value = self.objective.read(self.output(pooled.summary))
        return Output(logits, pooled.weights, value)


class EncoderNetwork(TaskNetwork):
    """One network for several tasks on an encoder's frames, precomputed or from its own encoder."""

    def __init__(
        self,
        tasks: Mapping[str, int],
        front_end: Layers,
        *,
        attention: str,
        objective: str = "classes",
        encoder_rate: float = 1.0,
    ) -> None:
        super().__init__(tasks, front_end)
        self.encoder_rate = encoder_rate
        made: dict[str, Any] = {"width": front_end.width, "attention": attention, "objective": objective}
        self.heads = nn.ModuleDict({task: Head(classes, **made) for task, classes in tasks.items()})

    def reset(self, seed: int, *, zero_output: bool = False) -> "EncoderNetwork":
        """Reinitialise all parameters but the encoder's from the seed, and return the network."""
        torch.manual_seed(seed)
        self.front_end.reset_parameters()
        for task in self.tasks:
            self._head(task).reset_parameters(zero_output=zero_output)
        return self

    def weights(self) -> dict[str, Tensor]:
        """Return all parameters by name, on the CPU."""
        state = {name: tensor.detach().cpu().clone() for name, tensor in self.state_dict().items()}
        return cast(Layers, self.front_end).saved(state)

    def objective(self, task: str) -> Objective:
        return self._head(task).objective

    def decide(self, shared: Tensor, windows: Tensor) -> dict[str, Output]:
        return {task: self._head(task)(shared, windows) for task in self.tasks}

    def _head(self, task: str) -> Head:
        head = self.heads[task]
        assert isinstance(head, Head)
        return head
