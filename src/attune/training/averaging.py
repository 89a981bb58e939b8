"""An exponential moving average of the weights, which is scored and kept instead of the last step's weights.

After step t the average keeps min(decay, (1 + t) / (10 + t)) of itself, so that it soon forgets its beginning.
"""

import copy

import torch

from attune.model.network import TaskNetwork


class Average:
    """A network's average over its training steps; with a decay of 0 it is the network itself."""

    def __init__(self, network: TaskNetwork, decay: float) -> None:
        self.network = copy.deepcopy(network) if decay else network
        self._of = network
        self._decay = decay

    @torch.no_grad()
    def step(self, number: int) -> None:
        """Update the average with the weights after step `number`, counted from 1 over all epochs."""
        if not self._decay:
            return
        kept = min(self._decay, (1 + number) / (10 + number))
        for own, new in zip(self.network.parameters(), self._of.parameters(), strict=True):
            own.lerp_(new, 1 - kept)
