"""Models whose networks take precomputed features: `lld-rnn`.

The published table's second row (Zhang et al. 2019): 23 low-level descriptors of eGeMAPS every 10 ms, the paper's two
GRU layers for each task, the last output.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from attune.features import kinds, smile
from attune.features.packed import Frames
from attune.model import answers, predicting
from attune.model.answers import Prediction
from attune.model.description import Description
from attune.model.inputs import Measured
from attune.model.network import Network
from attune.signal import SAMPLE_RATE, Waveform

INPUTS = Measured(SAMPLE_RATE // smile.HOP)


class FromFeatures(NamedTuple):
    """A system's trained networks, ready to predict from features, or from waveforms by measuring them first."""

    description: Description
    networks: dict[str, Network]
    device: torch.device
    weights_sha256: str

    @property
    def sample_rate(self) -> int:
        return self.description.sample_rate

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]:
        """Predict utterances of any lengths, each (samples,) in [-1, 1) at 16 kHz.

        Raises:
            AttuneError: openSMILE is not installed.
        """
        kind = kinds.measured(kinds.OF_SYSTEM[self.description.system])
        lengths = [len(waveform) for waveform in waveforms]
        return self.predict_features([kind.compute(waveform) for waveform in waveforms], lengths)

    def predict_features(self, features: Sequence[Frames], samples: Sequence[int]) -> list[Prediction]:
        """Predict utterances of any lengths, each (frames, 23), independently of one another."""
        found: dict[int, Prediction] = {}
        for positions in predicting.batches([len(frames) for frames in features]):
            batch = INPUTS.collate([features[position] for position in positions]).to(self.device)
            own = answers.of_batch(self.networks.values(), batch, self.description.scores)
            found.update(zip(positions, own, strict=True))
        return [found[position] for position in range(len(features))]
