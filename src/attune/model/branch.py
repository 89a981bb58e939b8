"""A task's own part of the network: two GRU layers, attention over windows (or the last output), a softmax."""

from typing import NamedTuple

from torch import Tensor, nn

from attune.model import attention as attentions
from attune.model.attention.pooled import Pooled

HIDDEN = 128
LAYERS = 2
_GATES = 3


class Output(NamedTuple):
    """A task's answer: `logits` (batch, classes) and `attention` (batch, windows), None in a system without any."""

    logits: Tensor
    attention: Tensor | None


class Branch(nn.Module):
    """GRU(128) -> GRU(128) -> attention -> classes (paper, section 2)."""

    def __init__(self, classes: int, *, width: int, attention: str) -> None:
        super().__init__()
        self.gru = nn.GRU(width, HIDDEN, LAYERS, batch_first=True)
        self.attention = attentions.named(attention, HIDDEN)
        self.output = nn.Linear(HIDDEN, classes)

    def reset_parameters(self, *, zero_output: bool = False) -> None:
        """Inputs of the GRU by Xavier and recurrences orthogonal, gate by gate; biases zero; output by Xavier or zero.

        With outputs of zero training begins at a uniform guess, whatever else was drawn.
        """
        for name, parameter in self.gru.named_parameters():
            for gate in parameter.data.chunk(_GATES):
                if name.startswith("weight_ih"):
                    nn.init.xavier_uniform_(gate)
                elif name.startswith("weight_hh"):
                    nn.init.orthogonal_(gate)
                else:
                    nn.init.zeros_(gate)
        nn.init.xavier_uniform_(self.output.weight)
        if zero_output:
            nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)
        self.attention.reset_parameters()

    def decide(self, outputs: Tensor, windows: Tensor) -> Output:
        """Turn the GRU's outputs (batch, windows, 128) into logits; windows beyond an utterance's own do not count."""
        pooled: Pooled = self.attention(outputs, windows)
        return Output(self.output(pooled.summary), pooled.weights)
