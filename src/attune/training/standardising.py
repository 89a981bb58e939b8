"""A fixed mean and deviation for each of the front end's channels, measured before the first step.

The features are rectified, so that all of the GRUs' 1280 inputs are on one side of zero and vary little; with a mean
of 0 and a deviation of 1 the same network learns better and in fewer epochs (docs/model.md).
"""

import numpy as np
import torch

from attune.model.inputs import Inputs
from attune.model.network import TaskNetwork
from attune.training.examples import Examples

UTTERANCES = 300
"""Maximum number of utterances measured, evenly spaced over the training partition: one second has 32,000 values."""


@torch.no_grad()
def standardise(
    network: TaskNetwork, training: Examples, *, inputs: Inputs, max_seconds: float, device: torch.device
) -> None:
    """Measure the untrained front end's channels over training utterances and make the network standardise by them.

    Args:
        inputs: the form of the network's inputs.
        max_seconds: longer utterances are cut to this, as in training.
    """
    sums = torch.zeros(2, len(network.front_end.get_buffer("mean")), dtype=torch.float64)
    count = 0
    longest = int(max_seconds * inputs.rate)
    for position in np.unique(np.linspace(0, len(training) - 1, UTTERANCES).round().astype(int)):
        waveform = training.waveform(training.utterances[position])[:longest]
        batch = inputs.collate([waveform]).to(device)
        features = network.front_end.features(batch.waves, batch.windows)[:, 0].double()
        sums += torch.stack([features.sum(1), features.square().sum(1)]).cpu()
        count += features.shape[1]
    average, square = sums / count
    deviation = (square - average.square()).clamp(min=0).sqrt()
    network.front_end.standardise(average, torch.where(deviation > 0, deviation, 1.0))
