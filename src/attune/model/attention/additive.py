"""Additive attention (Bahdanau et al. 2015; as a pooling, Yang et al. 2016): a = softmax(v . tanh(W h + b))."""

import torch
from torch import Tensor, nn

from attune.model.attention.pooled import Pooled, Pooling, softmax, weighted


class Additive(Pooling):
    """A projection W of the GRU's own width, and a vector v."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.projection = nn.Linear(hidden, hidden)
        self.vector = nn.Parameter(torch.empty(hidden))

    def reset_parameters(self) -> None:
        """v is zero, so that training starts from the mean over windows; W is not, or neither would ever change."""
        nn.init.xavier_uniform_(self.projection.weight)
        nn.init.zeros_(self.projection.bias)
        nn.init.zeros_(self.vector)

    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        scores = self.projection(outputs).tanh() @ self.vector
        return weighted(outputs, softmax(scores, windows))
