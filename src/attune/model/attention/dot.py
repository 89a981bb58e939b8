"""The paper's attention (Zhang et al. 2019, section 2.2): a_i = exp(w . h_i) / sum_t exp(w . h_t)."""

import torch
from torch import Tensor, nn

from attune.model.attention.pooled import Pooled, Pooling, softmax, weighted


class Dot(Pooling):
    """One vector w, no projection, no tanh."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.vector = nn.Parameter(torch.empty(hidden))

    def reset_parameters(self) -> None:
        """Set w to zero, so that training starts from the plain mean over windows."""
        nn.init.zeros_(self.vector)

    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        return weighted(outputs, softmax(outputs @ self.vector, windows))
