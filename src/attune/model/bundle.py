"""A trained model on disk (`model.safetensors` and `model.json`, no pickle), and its predictions.

model.json contains the protocol, the fold, the standardisation, the mean training rating of each class, and everything
needed to rebuild the networks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from attune.artifacts import models
from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.model import answers, predicting, systems, windows
from attune.model.answers import Prediction as Prediction
from attune.model.branch import HIDDEN, LAYERS
from attune.model.description import Description as Description
from attune.model.description import Predictor as Predictor
from attune.model.form import PAPERS, Form
from attune.model.front_ends import paper
from attune.model.network import Network
from attune.model.others import encoded, handcrafted, imported
from attune.model.others.from_features import FromFeatures
from attune.signal import HOP, WINDOW, Waveform, window_count
from attune.tasks import CLASSES, Task, Tasks, as_json, parse

ARCHITECTURE: dict[str, object] = {
    "window": WINDOW,
    "hop": HOP,
    "channels": paper.CHANNELS,
    "kernel": paper.KERNEL,
    "pool": paper.POOL,
    "channel_pool": paper.CHANNEL_POOL,
    "hidden": HIDDEN,
    "layers": LAYERS,
    "classes": len(CLASSES),
}

_CONVOLUTIONS = ("channels", "kernel", "pool", "channel_pool")
"""Keys that describe the paper's convolutions."""

_SELF_DESCRIBED: dict[str, Callable[..., Predictor]] = {
    encoded.SYSTEM: encoded.restore,
    imported.SYSTEM: imported.restore,
}
"""Systems whose architecture is read from model.json, because it depends on an encoder."""

_REMEDY = "Train it again with `attune train`."


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

        Takes about half a gigabyte of memory, plus 1.2 GB per hour of the longest utterance.

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
        return answers.of_batch(self.networks.values(), batch, self.description.scores)


def save(
    folder: Path,
    description: Description,
    states: Mapping[str, Mapping[str, torch.Tensor]],
    told: Mapping[str, object] | None = None,
) -> None:
    """Write model.safetensors and model.json into an existing folder; `states` are the networks' weights by name.

    Args:
        told: the architecture, if the system alone does not determine it.
    """
    tensors = {f"{name}.{key}": value.contiguous() for name, state in states.items() for key, value in state.items()}
    own = {name: value for name, value in asdict(description).items() if name != "tasks"}
    record = own | {
        "tasks": as_json(description.tasks),
        "architecture": {**(told or architecture(description.system)), **_classes(description.tasks)},
        "parameters": sum(tensor.numel() for tensor in tensors.values()),
    }
    models.write(folder, record, save_tensors(tensors))


def load(folder: Path, device: str | torch.device = "cpu") -> Predictor:
    """Read a model that `attune train` wrote.

    Raises:
        AttuneError: a file is missing, is damaged, or belongs to another model or another architecture.
    """
    description, told, digest = _describe(folder)
    tensors = _weights(folder, digest)
    if description.system in _SELF_DESCRIBED:
        with reading(folder / models.WEIGHTS, "train"):
            return _SELF_DESCRIBED[description.system](description, told, tensors, device, digest)
    if description.system in handcrafted.SYSTEMS:
        with reading(folder / models.WEIGHTS, "train"):
            return handcrafted.restore(description, tensors, digest)
    form = FromFeatures if systems.named(description.system).features else Model
    networks = _networks(description, _form(told), tensors, folder, device)
    return form(description, networks, torch.device(device), digest)


def architecture(system: str, form: Form = PAPERS) -> dict[str, object]:
    """Return the description of a system's networks or machines for model.json."""
    if system in handcrafted.SYSTEMS:
        return handcrafted.ARCHITECTURE
    features = systems.named(system).features
    if features:
        own = {name: ARCHITECTURE[name] for name in ("hidden", "layers", "classes")}
        return {"features": features, **own, **form._replace(front_end="paper").told()}
    left_out = _CONVOLUTIONS if form.front_end == "strided" else ()
    return {name: value for name, value in ARCHITECTURE.items() if name not in left_out} | form.told()


def _classes(tasks: Tasks) -> dict[str, object]:
    """Return the number of classes by task, or a single number if all tasks have as many as in the paper."""
    counts = {task.name: len(task.classes) for task in tasks}
    return {"classes": len(CLASSES) if set(counts.values()) == {len(CLASSES)} else counts}


def _form(told: Mapping[str, Any]) -> Form:
    return Form(**{name: str(told[name]) for name in Form._fields if name in told})


def _networks(
    description: Description,
    form: Form,
    tensors: Mapping[str, torch.Tensor],
    folder: Path,
    device: str | torch.device,
) -> dict[str, Network]:
    system = systems.named(description.system, description.tasks, form)
    with reading(folder / models.DESCRIPTION, "train"):  # the parts may be those of another attune
        networks = {name: system.network(name) for name in system.networks}
    for name, network in networks.items():
        state = {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
        try:
            network.load_state_dict(state)
        except RuntimeError:
            raise AttuneError(
                f"contains other weights than a {description.system} network has",
                where=folder / models.WEIGHTS,
                remedy=_REMEDY,
            ) from None
        network.eval().to(device)
    return networks


def _describe(folder: Path) -> tuple[Description, Mapping[str, Any], str]:
    record = models.read_description(folder)
    with reading(folder / models.DESCRIPTION, "train"):
        tasks = parse(record["tasks"])
        own = {name: record[name] for name in Description.__dataclass_fields__ if name != "tasks"}
        own |= {name: float(record[name]) for name in ("mean", "std")}
        own["class_values"] = {task.name: _class_values(record, task) for task in tasks if task.rated}
        description = Description(**own, tasks=tasks)
        told = record["architecture"]
        alone = description.system in _SELF_DESCRIBED
        known = told if alone else architecture(description.system, _form(told)) | _classes(tasks)
        if told != known:
            raise AttuneError("describes a network of another architecture")
    return description, told, str(record["weights_sha256"])


def _class_values(record: Mapping[str, Any], task: Task) -> list[float]:
    return [float(value) for value, _ in zip(record["class_values"][task.name], task.classes, strict=True)]


def _weights(folder: Path, digest: str) -> dict[str, torch.Tensor]:
    content = models.read_weights(folder, digest)
    with reading(folder / models.WEIGHTS, "train"):
        return {_renamed(key): tensor for key, tensor in load_tensors(content).items()}


def _renamed(key: str) -> str:
    """Rename the attention vector of attune 0.1, where it belonged to the branch; registries still have such models."""
    return f"{key}.vector" if key.endswith(".attention") else key


def _check(waveform: Waveform, position: int) -> None:
    if len(waveform) == 0:
        raise AttuneError("has no samples", where=f"waveform {position}")
    if not np.isfinite(waveform).all():
        raise AttuneError("has samples that are not finite", where=f"waveform {position}")
