"""The plain mean over an utterance's own windows: the baseline for attention."""

import torch
from torch import Tensor

from attune.model.attention.pooled import Pooled, Pooling


class Mean(Pooling):
    """It has neither parameters nor attention weights."""

    def __init__(self, hidden: int) -> None:
        super().__init__()

    def reset_parameters(self) -> None:
        """Do nothing: there are no parameters."""

    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        inside = torch.arange(outputs.shape[1], device=outputs.device) < windows[:, None]
        shares = inside / windows[:, None].to(outputs.dtype)
        return Pooled((shares[:, None] @ outputs)[:, 0], None)
