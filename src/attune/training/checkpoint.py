"""Checkpoints from which an interrupted training run resumes: one file per network, replaced whole after every epoch.

A file is a SHA-256 digest followed by safetensors: the weights, their average, the best weights, Adam's moments, and
a record in JSON with the history and the fingerprint of everything that the result depends on. It contains no random
state: every epoch draws from the seed and its own number.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from attune.errors import AttuneError
from attune.storage.files import whole_file
from attune.training.history import Epoch

State = dict[str, Tensor]

_DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Checkpoint:
    """A network between two epochs: weights, their average, Adam's state by parameter, the best weights, the epochs.

    `beside` contains the weights of what is trained with it but is not part of the model.
    """

    weights: State
    average: State
    moments: dict[int, State]
    best_weights: State
    history: list[Epoch]
    beside: State = field(default_factory=dict)


def write(path: Path, checkpoint: Checkpoint, fingerprint: str) -> None:
    """Write a checkpoint atomically.

    Raises:
        OSError: the disk is full.
    """
    record = {"fingerprint": fingerprint, "history": [asdict(epoch) for epoch in checkpoint.history]}
    tensors = {
        "record": torch.frombuffer(bytearray(json.dumps(record).encode()), dtype=torch.uint8),
        **{f"weights/{name}": tensor for name, tensor in checkpoint.weights.items()},
        **{f"average/{name}": tensor for name, tensor in checkpoint.average.items()},
        **{f"beside/{name}": tensor for name, tensor in checkpoint.beside.items()},
        **{f"best/{name}": tensor for name, tensor in checkpoint.best_weights.items()},
        **{f"adam/{n}/{name}": tensor for n, state in checkpoint.moments.items() for name, tensor in state.items()},
    }
    content = save_tensors(tensors)
    with whole_file(path) as temporary:
        temporary.write_bytes(hashlib.sha256(content).digest() + content)


def read(path: Path, fingerprint: str) -> Checkpoint:
    """Read a checkpoint that was made from the same inputs.

    Raises:
        AttuneError: it is damaged, or was made from other inputs.
    """
    content = path.read_bytes()
    digest, content = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(content).digest() != digest:
        raise AttuneError("this checkpoint is damaged", where=path)
    try:
        tensors = load_tensors(content)
        record = json.loads(tensors.pop("record").numpy().tobytes())
        found, epochs = record["fingerprint"], record["history"]
    except (SafetensorError, KeyError, ValueError):
        raise AttuneError("this is not a checkpoint of attune", where=path) from None
    if found != fingerprint:
        raise AttuneError("this checkpoint was made from other data, parameters or code", where=path)
    moments: dict[int, State] = {}
    for name, tensor in _part(tensors, "adam").items():
        number, _, moment = name.partition("/")
        moments.setdefault(int(number), {})[moment] = tensor
    weights, average, best, beside = (_part(tensors, name) for name in ("weights", "average", "best", "beside"))
    return Checkpoint(weights, average, moments, best, [Epoch(**epoch) for epoch in epochs], beside)


def _part(tensors: State, prefix: str) -> State:
    return {name.removeprefix(f"{prefix}/"): t for name, t in tensors.items() if name.startswith(f"{prefix}/")}
