"""A published model of emotion dimensions: `imported`.

The layout is that of audEERING's wav2vec 2.0 models (Wagner et al. 2023): an encoder, the mean of its last layer over
frames, a dense layer, tanh, and an output of about 0 to 1 for each dimension that config.json names.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from attune.errors import AttuneError
from attune.features import encoder as encoders
from attune.features import kinds
from attune.features.encoder import Encoder
from attune.model.answers import Prediction
from attune.model.description import Description
from attune.model.ratings import probabilities
from attune.signal import Waveform
from attune.tasks import Task, Tasks

SYSTEM = kinds.IMPORTED
HEAD = "classifier"
_FAMILIES = ("wav2vec2", "hubert", "wavlm")


class Head(nn.Module):
    """The head on the encoder: a dense layer, tanh, an output for each dimension."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, outputs)

    def forward(self, frames: Tensor) -> Tensor:
        """Map frames (frames, width) to outputs (outputs,)."""
        found: Tensor = self.out_proj(torch.tanh(self.dense(frames.mean(0))))
        return found


class Published(NamedTuple):
    """An encoder with its head and the names of its outputs, ready to predict; it has no attention."""

    description: Description
    encoder: Encoder
    head: Head
    labels: tuple[str, ...]
    device: torch.device
    weights_sha256: str

    @property
    def sample_rate(self) -> int:
        return self.description.sample_rate

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]:
        """Predict utterances of any lengths, each (samples,) in [-1, 1) at 16 kHz, independently of one another."""
        return [self._one(waveform) for waveform in waveforms]

    @torch.inference_mode()
    def _one(self, waveform: Waveform) -> Prediction:
        wave = torch.from_numpy(np.ascontiguousarray(waveform, np.float32)).to(self.device)
        outputs = self.head(self.encoder.last(wave)).cpu().double().numpy()
        ratings = {
            task.name: rating(task, float(outputs[self.labels.index(task.name)])) for task in self.description.tasks
        }
        found = {task.name: probabilities(task, ratings[task.name]) for task in self.description.tasks}
        return Prediction(found, ratings, attention=None)


def rating(task: Task, output: float) -> float:
    """Map an output from 0 to 1 to a rating on the task's scale, clipped to its ends.

    >>> rating(Task("valence"), 0.5), rating(Task("valence"), 1.2)
    (3.0, 5.0)
    """
    low, high = task.scale
    return float(np.clip(low + output * (high - low), low, high))


def read(folder: Path, tasks: Tasks) -> tuple[Encoder, Head, tuple[str, ...]]:
    """Read the encoder, the head and the names of its outputs from a model in Hugging Face's layout.

    Raises:
        AttuneError: transformers is not installed; the model is missing, a pickle, without such a head, of another
            shape or not finite; or it does not predict a task.
    """
    encoder = encoders.read(folder)
    if encoder.family not in _FAMILIES:
        raise AttuneError(
            f"is of the family {encoder.family!r}, for which no dimensional model is published in this layout",
            where=folder,
            remedy=f"Supported are {', '.join(_FAMILIES)}.",
        )
    labels = _labels(encoder.settings, folder)
    _check_tasks(labels, tasks, folder)
    head = Head(encoder.width, len(labels))
    try:
        head.load_state_dict(_tensors(folder, head))
    except RuntimeError as error:
        first = " ".join(str(error).split())[:200]
        raise AttuneError(f"has a head of another shape than its config.json says: {first}", where=folder) from None
    tensors = [tensor for state in states(encoder, head).values() for tensor in state.values()]
    if not all(bool(tensor.isfinite().all()) for tensor in tensors):
        raise AttuneError(
            "has weights that are not finite", where=folder, remedy="Use the folder of one complete checkpoint."
        )
    return encoder, head.eval(), labels


def architecture(encoder: Encoder, labels: Sequence[str], digest: str) -> dict[str, object]:
    """Return its description for model.json; the digest is that of the published folder."""
    return {"features": SYSTEM, "encoder": dict(encoder.settings), "encoder_sha256": digest, "labels": list(labels)}


def states(encoder: Encoder, head: Head) -> dict[str, Mapping[str, Tensor]]:
    """Return the weights to save."""
    return {encoders.KIND: encoder.state_dict(), HEAD: head.state_dict()}


def restore(
    description: Description,
    told: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    device: str | torch.device,
    weights_sha256: str,
) -> Published:
    """Rebuild a model from what was saved; `told` is its architecture.

    Raises:
        AttuneError: transformers is not installed, or something is missing or of another shape.
    """
    place, labels = torch.device(device), tuple(told["labels"])
    try:
        encoder = encoders.rebuild(told["encoder"], _below(tensors, encoders.KIND))
        head = Head(encoder.width, len(labels))
        head.load_state_dict(_below(tensors, HEAD))
    except (RuntimeError, KeyError) as error:
        raise AttuneError(f"contains other weights than {SYSTEM} has ({str(error)[:100]})") from None
    return Published(description, encoder.to(place), head.eval().to(place), labels, place, weights_sha256)


def _labels(settings: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    named = settings.get("id2label") or {}
    try:
        return tuple(str(named[key]).lower() for key in sorted(named, key=int))
    except (TypeError, ValueError):
        raise AttuneError("has an id2label that does not number its outputs", where=folder / "config.json") from None


def _check_tasks(labels: Sequence[str], tasks: Tasks, folder: Path) -> None:
    lacking = [task.name for task in tasks if task.name not in labels]
    if lacking:
        named = ", ".join(labels) or "nothing"
        raise AttuneError(
            f"does not predict {', '.join(lacking)}: id2label names {named}",
            where=folder / "config.json",
            remedy="A model is tested on what a corpus is rated for: leave other tasks out of the corpus.",
        )
    categories = [task.name for task in tasks if not task.rated]
    if categories:
        raise AttuneError(f"predicts numbers, and {categories[0]} has categories", where=folder)


def _tensors(folder: Path, head: Head) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, "pt") as file:
                own = [key for key in file.keys() if key.startswith(f"{HEAD}.")]  # noqa: SIM118 - it is no mapping
                found |= {key.removeprefix(f"{HEAD}."): file.get_tensor(key) for key in own}
        except SafetensorError as error:
            raise AttuneError(f"cannot be read: {error}", where=path) from None
    lacking = sorted(set(head.state_dict()) - set(found))
    if lacking:
        raise AttuneError(
            f"has no regression head: there is no {HEAD}.{lacking[0]} among its weights",
            where=folder,
            remedy="Use a model in audEERING's layout (docs/model.md), or train on its encoder with ssl-att.",
        )
    return found


def _below(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
