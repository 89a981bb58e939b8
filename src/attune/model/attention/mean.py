"""The plain mean over an utterance's own windows: what attention has to be better than."""

import torch
from torch import Tensor

from attune.model.attention.pooled import Pooled, Pooling


class Mean(Pooling):
    """No parameters and no weights to look at."""

    def __init__(self, hidden: int) -> None:
        super().__init__()

    def reset_parameters(self) -> None:
        """There is nothing to draw."""

    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        inside = torch.arange(outputs.shape[1], device=outputs.device) < windows[:, None]
        shares = inside / windows[:, None].to(outputs.dtype)
        return Pooled((shares[:, None] @ outputs)[:, 0], None)
