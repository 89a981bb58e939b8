"""Task weights that are learnt: each task's loss by its uncertainty (Kendall, Gal and Cipolla 2018, section 3.2)."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


class Uncertainty(nn.Module):
    """exp(-s) x loss + s / 2 for each task, s being the logarithm of a variance that is learnt with the network.

    Kendall, Gal and Cipolla derive this for cross-entropy; for a concordance, which is no likelihood, it is a choice.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        super().__init__()
        self.logarithms = nn.ParameterDict({task: nn.Parameter(torch.empty(())) for task in tasks})

    def reset_parameters(self) -> None:
        """Zero: all tasks weigh the same at first."""
        for parameter in self.logarithms.values():
            nn.init.zeros_(parameter)

    def forward(self, losses: Mapping[str, Tensor], utterances: int) -> Tensor:
        """The tasks' losses, added up over so many utterances, as one."""
        own = {task: self.logarithms[task] for task in losses}
        return torch.stack(
            [(-own[task]).exp() * loss + utterances * own[task] / 2 for task, loss in losses.items()]
        ).sum()
