"""The last output h_L, which represents the utterance in the paper's systems without attention (section 2.1)."""

import torch
from torch import Tensor

from attune.model.attention.pooled import HIDDEN, Pooled, Pooling


class Last(Pooling):
    """It has neither parameters nor attention weights."""

    def __init__(self, hidden: int) -> None:
        super().__init__()

    def reset_parameters(self) -> None:
        """Do nothing: there are no parameters."""

    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        last = (windows - 1)[:, None, None].expand(-1, 1, outputs.shape[2])
        summary = outputs.gather(1, last)[:, 0]
        if outputs.shape[2] > HIDDEN:  # the backward direction has seen the whole utterance at its first window
            summary = torch.cat([summary[:, :HIDDEN], outputs[:, 0, HIDDEN:]], 1)
        return Pooled(summary, None)
