"""Learnt task weights: each task's loss weighted by its uncertainty (Kendall, Gal and Cipolla 2018, section 3.2)."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


class Uncertainty(nn.Module):
    """exp(-s) x loss + s / 2 for each task, where s is the logarithm of a variance learnt with the network.

    Kendall, Gal and Cipolla derive this for cross-entropy; for a concordance, which is no likelihood, it is our choice.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        super().__init__()
        self.logarithms = nn.ParameterDict({task: nn.Parameter(torch.empty(())) for task in tasks})

    def reset_parameters(self) -> None:
        """Set all logarithms to zero: all tasks weigh the same at first."""
        for parameter in self.logarithms.values():
            nn.init.zeros_(parameter)

    def forward(self, losses: Mapping[str, Tensor], utterances: int) -> Tensor:
        """Combine the tasks' losses, each summed over `utterances` utterances, into one."""
        own = {task: self.logarithms[task] for task in losses}
        return torch.stack(
            [(-own[task]).exp() * loss + utterances * own[task] / 2 for task, loss in losses.items()]
        ).sum()
