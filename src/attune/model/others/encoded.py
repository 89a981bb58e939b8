"""The model of `ssl-att`: on a frozen encoder, whose frames may be precomputed, or on a fine-tuned one.

A model includes its encoder, so that it can predict from recordings anywhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from attune.errors import AttuneError
from attune.features import encoder as encoders
from attune.features.encoder import Encoder
from attune.features.packed import Frames
from attune.model import answers
from attune.model.answers import Prediction
from attune.model.branch import HIDDEN
from attune.model.description import Description
from attune.model.form import Form
from attune.model.front_ends.layers import Layers, Tuned
from attune.model.front_ends.lora import LowRank
from attune.model.inputs import Measured
from attune.model.on_windows import on_windows
from attune.model.others.encoder_network import EncoderNetwork
from attune.model.windows import Batch
from attune.signal import SAMPLE_RATE, Waveform, window_count
from attune.tasks import Tasks

SYSTEM = "ssl-att"
ENCODER, JOINT = "encoder", "joint"


class Frozen(NamedTuple):
    """Heads on a frozen encoder; predicts from precomputed frames as well as from waveforms."""

    description: Description
    network: EncoderNetwork
    encoder: Encoder
    device: torch.device
    weights_sha256: str

    @property
    def sample_rate(self) -> int:
        return self.description.sample_rate

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]:
        """Predict utterances of any lengths, each (samples,) in [-1, 1) at 16 kHz, independently of one another."""
        frames = [encoders.encoded(self.encoder, waveform, self.device) for waveform in waveforms]
        return self.predict_features(frames, [len(waveform) for waveform in waveforms])

    def predict_features(self, features: Sequence[Frames], samples: Sequence[int]) -> list[Prediction]:
        """Predict from frames (frames, layers, width) of utterances with the given numbers of samples."""
        inputs = Measured(SAMPLE_RATE // self.encoder.hop)
        return [
            _answer(self.network, inputs.collate([frames]).to(self.device), self.description, self.encoder, count)
            for frames, count in zip(features, samples, strict=True)
        ]


class Further(NamedTuple):
    """Heads on an encoder that was fine-tuned with them."""

    description: Description
    network: EncoderNetwork
    encoder: Encoder
    device: torch.device
    weights_sha256: str

    @property
    def sample_rate(self) -> int:
        return self.description.sample_rate

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]:
        """Predict utterances of any lengths, each (samples,) in [-1, 1) at 16 kHz, independently of one another."""
        return [self._one(waveform) for waveform in waveforms]

    def _one(self, waveform: Waveform) -> Prediction:
        frames = self.encoder.count(len(waveform))
        wave = np.zeros((1, self.encoder.covered(frames)), np.float32)
        wave[0, : len(waveform)] = waveform[: wave.shape[1]]
        batch = Batch(torch.from_numpy(wave), torch.tensor([frames])).to(self.device)
        return _answer(self.network, batch, self.description, self.encoder, len(waveform))


def network(
    encoder: Encoder,
    tasks: Tasks,
    *,
    tuned: str | int,
    dropout: float,
    rate: float = 1.0,
    rank: int = 1,
    objective: str = "classes",
) -> EncoderNetwork:
    """Return the network for these tasks on an encoder.

    Args:
        tuned: `none`, `all`, `lora`, or how many of the encoder's last layers are trained.
        rate: learning rate of those layers, as a share of the common one.
        rank: rank of the matrices that `lora` trains.
    """
    counts = {task.name: len(task.classes) for task in tasks}
    front_end = _front_end(encoder, tuned, rank, dropout)
    return EncoderNetwork(counts, front_end, attention="dot", objective=objective, encoder_rate=rate)


def _front_end(encoder: Encoder, tuned: str | int, rank: int, dropout: float) -> Layers:
    if tuned == "none":
        return Layers(encoder.layers, encoder.width, dropout)
    if tuned == "lora":
        return LowRank(encoder, rank, dropout)
    return Tuned(encoder, None if tuned == "all" else int(tuned), dropout)


def architecture(
    settings: Mapping[str, Any], tuned: str | int, digest: str, objective: str = "classes"
) -> dict[str, object]:
    """Return its description for model.json; the digest is that of the encoder's folder."""
    own: dict[str, object] = {"hidden": HIDDEN, "attention": "dot", **Form(objective=objective).told()}
    return {"features": ENCODER, "encoder": dict(settings), "encoder_sha256": digest, "tuned": tuned, **own}


def restore(
    description: Description,
    told: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    device: str | torch.device,
    weights_sha256: str,
) -> Frozen | Further:
    """Rebuild a model from what training saved; `told` is its architecture.

    Raises:
        AttuneError: transformers is not installed, or something is missing or of another shape.
    """
    tuned, place = told["tuned"], torch.device(device)
    try:
        own = f"{ENCODER}." if tuned == "none" else f"{JOINT}.front_end.encoder."
        encoder = encoders.rebuild(told["encoder"], _below(tensors, own))
        objective = str(told.get("objective", "classes"))
        form = "all" if tuned == "lora" else tuned  # the weights include what low ranks added
        built = network(encoder, description.tasks, tuned=form, dropout=0.0, objective=objective)
        built.load_state_dict(_below(tensors, f"{JOINT}."))
    except (RuntimeError, KeyError) as error:
        raise AttuneError(f"contains other weights than {SYSTEM} has ({str(error)[:100]})") from None
    made = Frozen if tuned == "none" else Further
    return made(description, built.eval().to(place), encoder.to(place), place, weights_sha256)


def _answer(
    network: EncoderNetwork, batch: Batch, description: Description, encoder: Encoder, samples: int
) -> Prediction:
    (found,) = answers.of_batch([network], batch, description.scores)
    windows = window_count(samples)
    told = found.attention or {}
    placed = {
        task: on_windows(weights, hop=encoder.hop, field=encoder.field, windows=windows)
        for task, weights in told.items()
    }
    return found._replace(attention=placed)


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
