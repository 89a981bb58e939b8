"""A network to train, with everything that the result depends on, and its progress."""

from dataclasses import dataclass

import torch
from torch import nn

from attune.model.inputs import Inputs
from attune.model.network import TaskNetwork
from attune.params import Train
from attune.training.beside import Beside
from attune.training.distributed import ALONE, Ranks
from attune.training.examples import Examples


@dataclass(frozen=True)
class Job:
    """One network to train, freshly initialised, and everything that the result depends on.

    `inputs` makes batches for the network; `beside` is trained with the network but is not part of the model;
    `fingerprint` is a digest of all of this, including our code.
    """

    name: str
    network: TaskNetwork
    training: Examples
    development: Examples
    settings: Train
    inputs: Inputs
    device: torch.device
    fingerprint: str
    beside: Beside
    ranks: Ranks = ALONE

    @property
    def trained(self) -> nn.ModuleList:
        """The network and what is trained with it."""
        return nn.ModuleList([self.network, self.beside])


@dataclass(frozen=True)
class Progress:
    """A batch just finished: its place in the epoch, the mean loss of the epoch so far, and its seconds of audio."""

    network: str
    epoch: int
    batch: int
    batches: int
    loss: float
    audio_seconds: float
