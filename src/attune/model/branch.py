"""A task's own part of the network: two GRU layers, attention over windows (or the last output), a softmax."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from attune.model.front_end import FEATURES

HIDDEN = 128
LAYERS = 2
CLASSES = 3


class Output(NamedTuple):
    """A task's answer: `logits` (batch, 3) and `attention` (batch, windows), None in a system without attention."""

    logits: Tensor
    attention: Tensor | None


class Branch(nn.Module):
    """GRU(128) -> GRU(128) -> attention -> 3 classes (paper, section 2)."""

    def __init__(self, attention: bool) -> None:
        super().__init__()
        self.gru = nn.GRU(FEATURES, HIDDEN, LAYERS, batch_first=True)
        self.attention = nn.Parameter(torch.zeros(HIDDEN)) if attention else None
        self.output = nn.Linear(HIDDEN, CLASSES)

    def decide(self, outputs: Tensor, windows: Tensor) -> Output:
        """Turn the GRU's outputs (batch, windows, 128) into logits; windows beyond an utterance's own do not count."""
        if self.attention is None:
            last = (windows - 1)[:, None, None].expand(-1, 1, HIDDEN)
            return Output(self.output(outputs.gather(1, last)[:, 0]), None)
        weights = attend(outputs, self.attention, windows)
        return Output(self.output((weights[:, None] @ outputs)[:, 0]), weights)


def attend(outputs: Tensor, vector: Tensor, windows: Tensor) -> Tensor:
    """Weights a_i = exp(w . h_i) / sum_t exp(w . h_t) over each utterance's own windows: (batch, windows)."""
    scores = outputs @ vector
    beyond = torch.arange(scores.shape[1], device=scores.device) >= windows[:, None]
    return scores.masked_fill(beyond, -torch.inf).softmax(1)
