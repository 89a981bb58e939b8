"""Gated attention (Ilse et al. 2018, equation 9): a = softmax(w . (tanh(V h) * sigmoid(U h)))."""

import torch
from torch import Tensor, nn

from attune.model.attention.pooled import Pooled, Pooling, softmax, weighted


class Gated(Pooling):
    """Two projections V and U of the GRU's own width without biases, and a vector w."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.content = nn.Linear(hidden, hidden, bias=False)
        self.gate = nn.Linear(hidden, hidden, bias=False)
        self.vector = nn.Parameter(torch.empty(hidden))

    def reset_parameters(self) -> None:
        """w is zero, so that training starts from the plain mean over windows; V and U are not."""
        nn.init.xavier_uniform_(self.content.weight)
        nn.init.xavier_uniform_(self.gate.weight)
        nn.init.zeros_(self.vector)

    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        scores = (self.content(outputs).tanh() * self.gate(outputs).sigmoid()) @ self.vector
        return weighted(outputs, softmax(scores, windows))
