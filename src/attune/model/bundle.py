"""A trained model on disk: `model.safetensors` and `model.json`, no pickle; and what it predicts.

model.json names the protocol, the fold, the standardisation, the mean training rating of each class, and everything
needed to build the networks again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from attune.artifacts import models
from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.model import front_end, predicting, systems, windows
from attune.model.branch import HIDDEN, LAYERS
from attune.model.network import Network
from attune.params import TASKS, Task
from attune.signal import CLASSES, HOP, SAMPLE_RATE, WINDOW, Waveform, window_count

ARCHITECTURE = {
    "window": WINDOW,
    "hop": HOP,
    "channels": front_end.CHANNELS,
    "kernel": front_end.KERNEL,
    "pool": front_end.POOL,
    "channel_pool": front_end.CHANNEL_POOL,
    "hidden": HIDDEN,
    "layers": LAYERS,
    "classes": len(CLASSES),
}

_REMEDY = "Train it again with `attune train`."

Probabilities = npt.NDArray[np.float64]
Attention = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Description:
    """What model.json says besides the architecture.

    `mean` and `std` standardise samples in [-1, 1); `class_values` are the mean training ratings of the classes low,
    middle and high; `best_epoch` is by network.
    """

    protocol: str
    system: str
    fold: str
    mean: float
    std: float
    class_values: dict[Task, list[float]]
    seed: int
    best_epoch: dict[str, int]
    sample_rate: int = SAMPLE_RATE


class Prediction(NamedTuple):
    """What a model says of one utterance.

    `probabilities`: task -> (3,) of low, middle, high. `scores`: task -> 1 to 5, the probabilities' mean of the
    classes' training ratings. `attention`: task -> (windows,), adding up to 1, or None without attention.
    """

    probabilities: dict[Task, Probabilities]
    scores: dict[Task, float]
    attention: dict[Task, Attention] | None


class Predictor(Protocol):
    """What every trained model is, whatever is inside."""

    @property
    def description(self) -> Description: ...

    @property
    def weights_sha256(self) -> str: ...

    @property
    def sample_rate(self) -> int: ...

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]: ...


class Model(NamedTuple):
    """A system's trained networks, ready to predict."""

    description: Description
    networks: dict[str, Network]
    device: torch.device
    weights_sha256: str

    @property
    def sample_rate(self) -> int:
        return self.description.sample_rate

    def predict(self, waveforms: Sequence[Waveform]) -> list[Prediction]:
        """Predict utterances of any lengths, each (samples,) in [-1, 1) at 16 kHz, independently of one another.

        Memory: about half a gigabyte, and 1.2 GB more per hour of the longest one.

        Raises:
            AttuneError: a waveform is empty, or has samples that are not finite.
        """
        for position, waveform in enumerate(waveforms):
            _check(waveform, position)
        counts = [window_count(len(waveform)) for waveform in waveforms]
        found: dict[int, Prediction] = {}
        for positions in predicting.batches(counts):
            found.update(zip(positions, self._batch([waveforms[p] for p in positions]), strict=True))
        return [found[position] for position in range(len(waveforms))]

    def _batch(self, waveforms: list[Waveform]) -> list[Prediction]:
        batch = windows.collate(waveforms, self.description.mean, self.description.std).to(self.device)
        outputs = {
            task: output
            for network in self.networks.values()
            for task, output in predicting.outputs(network, batch).items()
        }
        probabilities = {task: outputs[task].logits.double().softmax(1).cpu().numpy() for task in TASKS}
        attention = {
            task: output.attention.cpu().numpy() for task, output in outputs.items() if output.attention is not None
        }
        return [
            Prediction(
                probabilities={task: probabilities[task][row] for task in TASKS},
                scores={
                    task: float(probabilities[task][row] @ np.array(self.description.class_values[task]))
                    for task in TASKS
                },
                attention={task: attention[task][row, :count].copy() for task in TASKS} if attention else None,
            )
            for row, count in enumerate(batch.windows.tolist())
        ]


def save(
    folder: Path,
    description: Description,
    states: Mapping[str, Mapping[str, torch.Tensor]],
    architecture: Mapping[str, object] = ARCHITECTURE,
) -> None:
    """Write model.safetensors and model.json into an existing folder; `states` are the networks' weights by name."""
    tensors = {f"{name}.{key}": value.contiguous() for name, state in states.items() for key, value in state.items()}
    record = asdict(description) | {
        "tasks": list(TASKS),
        "architecture": dict(architecture),
        "parameters": sum(tensor.numel() for tensor in tensors.values()),
    }
    models.write(folder, record, save_tensors(tensors))


def load(folder: Path, device: str | torch.device = "cpu") -> Predictor:
    """Read a model that `attune train` wrote.

    Raises:
        AttuneError: a file is missing, is damaged, or belongs to another model or another architecture.
    """
    from attune.model import handcrafted  # which is made of what is here

    description, digest = _describe(folder)
    tensors = _weights(folder, digest)
    if description.system == handcrafted.SYSTEM:
        with reading(folder / models.WEIGHTS, "train"):
            return handcrafted.restore(description, tensors, digest)
    return Model(description, _networks(description, tensors, folder, device), torch.device(device), digest)


def _networks(
    description: Description, tensors: Mapping[str, torch.Tensor], folder: Path, device: str | torch.device
) -> dict[str, Network]:
    system = systems.named(description.system)
    networks = {}
    for name in system.networks:
        network = system.network(name)
        state = {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
        try:
            network.load_state_dict(state)
        except RuntimeError:
            raise AttuneError(
                f"holds other weights than a {description.system} network has",
                where=folder / models.WEIGHTS,
                remedy=_REMEDY,
            ) from None
        networks[name] = network.eval().to(device)
    return networks


def _describe(folder: Path) -> tuple[Description, str]:
    from attune.model import handcrafted

    record = models.read_description(folder)
    with reading(folder / models.DESCRIPTION, "train"):
        description = Description(**{name: record[name] for name in Description.__dataclass_fields__})
        own = handcrafted.ARCHITECTURE if description.system == handcrafted.SYSTEM else ARCHITECTURE
        if record["architecture"] != own:
            raise AttuneError("describes a network of another architecture")
    return description, str(record["weights_sha256"])


def _weights(folder: Path, digest: str) -> dict[str, torch.Tensor]:
    content = models.read_weights(folder, digest)
    with reading(folder / models.WEIGHTS, "train"):
        return {_renamed(key): tensor for key, tensor in load_tensors(content).items()}


def _renamed(key: str) -> str:
    """Attention's vector was the branch's own parameter in models of attune 0.1, which registries still contain."""
    return f"{key}.vector" if key.endswith(".attention") else key


def _check(waveform: Waveform, position: int) -> None:
    if len(waveform) == 0:
        raise AttuneError("has no samples", where=f"waveform {position}")
    if not np.isfinite(waveform).all():
        raise AttuneError("has samples that are not finite", where=f"waveform {position}")
