"""A task's branch of the network: two GRU layers, attention over windows (or the last output), a softmax."""

from typing import NamedTuple

from torch import Tensor, nn

from attune.model import attention as attentions
from attune.model import objectives
from attune.model.attention.pooled import HIDDEN as HIDDEN
from attune.model.attention.pooled import Pooled
from attune.model.form import PAPERS, Form
from attune.model.objectives.base import Said

LAYERS = 2
_GATES = 3


class Output(NamedTuple):
    """A task's output: `logits` (batch, classes) and `attention` (batch, windows), or None without attention.

    `value` (batch,) is the predicted rating from 1 to 5, or None where the score is derived from the classes.
    """

    logits: Tensor
    attention: Tensor | None
    value: Tensor | None = None

    @property
    def said(self) -> Said:
        return Said(self.logits, self.value)


class Branch(nn.Module):
    """GRU(128) -> GRU(128) -> attention -> classes (paper, section 2), or another form."""

    def __init__(self, classes: int, *, width: int, attention: str, form: Form = PAPERS) -> None:
        super().__init__()
        self.objective = objectives.named(form.objective, classes)
        self.gru = nn.GRU(width, HIDDEN, LAYERS, batch_first=True, bidirectional=form.bidirectional)
        self.hidden = HIDDEN * (1 + form.bidirectional)
        self.attention = attentions.named(attention, self.hidden)
        self.output = nn.Linear(self.hidden, self.objective.outputs)

    def reset_parameters(self, *, zero_output: bool = False) -> None:
        """Initialise GRU inputs by Xavier, recurrences orthogonally, per gate; output by Xavier or zero; biases zero.

        With a zero output layer, training starts from a uniform guess, whatever else was drawn.
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
        """Turn the GRU's outputs (batch, windows, hidden) into logits, ignoring padding."""
        pooled: Pooled = self.attention(outputs, windows)
        logits, value = self.objective.read(self.output(pooled.summary))
        return Output(logits, pooled.weights, value)

    def evidence(self, outputs: Tensor) -> Tensor:
        """Apply the output layer to each window's outputs alone: logits (batch, windows, classes)."""
        return self.objective.read(self.output(outputs).flatten(0, 1)).logits.view(*outputs.shape[:2], -1)
