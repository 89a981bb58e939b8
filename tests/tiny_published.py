"""Dimensional models in the layout in which audEERING publishes, drawn at random and tiny."""

import json
from pathlib import Path
from typing import Any

import tiny_encoders

LABELS = ("arousal", "dominance", "valence")


def write(folder: Path, labels: tuple[str, ...] = LABELS, family: str = "wav2vec2") -> tuple[Any, dict[str, Any]]:
    """Write a model into a folder; return the encoder of transformers that is in it, and the head's tensors."""
    import torch
    from safetensors.torch import save_file

    model = tiny_encoders.write(folder, family)
    width, generator = tiny_encoders.WIDTH, torch.Generator().manual_seed(2)
    head = {
        "classifier.dense.weight": torch.randn(width, width, generator=generator),
        "classifier.dense.bias": torch.randn(width, generator=generator),
        "classifier.out_proj.weight": torch.randn(len(labels), width, generator=generator) / 4,
        "classifier.out_proj.bias": torch.full((len(labels),), 0.5),
    }
    own = {f"{family}.{name}": tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(own | head, folder / "model.safetensors", {"format": "pt"})
    change(folder, id2label={str(number): name for number, name in enumerate(labels)})
    return model, head


def change(folder: Path, **values: Any) -> None:
    """Change what config.json says."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
