"""Multi-head attention pooling (India et al. 2019): the output is split into heads, each with its own window weights.

It has as many parameters as the paper's attention: together the heads' vectors are as wide as the GRU.
"""

import torch
from torch import Tensor, nn

from attune.model.attention.pooled import Pooled, Pooling, softmax

HEADS = 4


class MultiHead(Pooling):
    """a_ij = softmax_i(w_j . h_ij / sqrt(width)) for head j; a window's reported weight is the mean over heads."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.empty(HEADS, hidden // HEADS))

    def reset_parameters(self) -> None:
        """Set the vectors to zero, so that training starts from the plain mean over windows."""
        nn.init.zeros_(self.vectors)

    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        heads, width = self.vectors.shape
        cut = outputs.view(*outputs.shape[:2], heads, width)
        scores = (cut * self.vectors).sum(3) / width**0.5
        weights = softmax(scores, windows)  # (batch, windows, heads)
        return Pooled((weights[..., None] * cut).sum(1).flatten(1), weights.mean(2))
