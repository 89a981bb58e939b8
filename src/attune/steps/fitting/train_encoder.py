"""Training `ssl-att`: an encoder as `attune features` wrote it, heads on it, and what is saved with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from attune.errors import AttuneError
from attune.features import encoder as encoders
from attune.features import encoder_folder
from attune.features.encoder import Encoder
from attune.features.packed import Packed
from attune.model.inputs import EncoderWaves, Inputs, Measured
from attune.model.others import encoded
from attune.model.others.encoder_network import EncoderNetwork
from attune.params import Train
from attune.signal import SAMPLE_RATE
from attune.steps.fitting.train_jobs import Fresh
from attune.tasks import Tasks


@dataclass(frozen=True)
class Subject:
    """A fresh network on an encoder, its inputs, and their description."""

    tasks: Tasks
    network: EncoderNetwork
    inputs: Inputs
    encoder: Encoder
    digest: str
    tuned: str | int
    objective: str
    identity: str

    @property
    def begun(self) -> Fresh:
        return Fresh(encoded.SYSTEM, self.tasks, {encoded.JOINT: self.network}, self.inputs, self.identity)

    @property
    def architecture(self) -> dict[str, object]:
        return encoded.architecture(self.encoder.settings, self.tuned, self.digest, self.objective)

    def states(self, weights: Mapping[str, Tensor]) -> dict[str, Mapping[str, Tensor]]:
        """Return the weights to save: the network's, and the encoder's if they are not among them."""
        own: dict[str, Mapping[str, Tensor]] = {encoded.JOINT: weights}
        return own | {encoded.ENCODER: self.encoder.state_dict()} if self.tuned == "none" else own


def open_subject(folder: Path, settings: Train, tasks: Tasks, device: torch.device) -> Subject:
    """Read what is to be trained from a folder written by `attune features`.

    Raises:
        AttuneError: there is nothing in it, or its encoder is not the one that the features were computed with.
    """
    found, place = Packed(folder), folder / encoders.COPY
    told = found.about.more
    if encoder_folder.digest(place) != told["encoder_sha256"]:
        raise AttuneError(
            "is damaged: it is not the encoder that the features were computed with",
            where=place,
            remedy="Remove the folder and run `attune features` again.",
        )
    tuned, encoder = told["tuned"], encoders.read(place)
    inputs: Inputs = Measured(SAMPLE_RATE // encoder.hop) if tuned == "none" else EncoderWaves(encoder)
    network = encoded.network(
        encoder,
        tasks,
        tuned=tuned,
        rate=told.get("rate", 1.0),
        rank=told.get("rank", 1),
        dropout=settings.dropout,
        objective=settings.objective,
    )
    network.reset(settings.seed, zero_output=settings.zero_output)
    digest, identity = str(told["encoder_sha256"]), found.about.identity
    return Subject(tasks, network, inputs, encoder, digest, tuned, settings.objective, identity)
