"""Dropout in a training run that several processes share: drawn for the whole batch, as one process would.

Every process draws the same for all utterances and uses its own rows, so that the draw depends neither on the number
of processes nor on which of them has which utterance.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from attune.model.network import TaskNetwork
from attune.training.distributed import Ranks


class _Drawn(nn.Dropout):
    """Dropout with factors drawn beforehand."""

    factors: Tensor

    def forward(self, input: Tensor) -> Tensor:
        """Multiply windows (batch, windows, 1280) by the factors, in training only."""
        return input * self.factors[:, : input.shape[1]] if self.training else input


def draw(network: TaskNetwork, ranks: Ranks, windows: Sequence[int], device: torch.device) -> None:
    """Draw dropout for a batch of utterances with `windows` windows, and give the network this process's rows of it."""
    drawn = _Drawn(network.front_end.dropout.p)
    frames = int(network.front_end.frames(torch.tensor(windows)).max())
    whole = torch.ones(len(windows), frames, network.front_end.width, device=device)
    drawn.factors = nn.functional.dropout(whole, drawn.p)[ranks.rank :: ranks.count]
    network.front_end.dropout = drawn
