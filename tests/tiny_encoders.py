"""Encoders of each family in Hugging Face's layout, of two layers and 16 values, drawn at random."""

import json
from pathlib import Path
from typing import Any

from attune.waveform import torchaudio_import

FAMILIES = ("wavlm", "hubert", "wav2vec2", "whisper")
LAYERS, WIDTH = 3, 16

_SHAPE: dict[str, Any] = {
    **{"hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32},
    **{"conv_dim": (16,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4},
}
_WHISPER: dict[str, Any] = {
    **{"d_model": WIDTH, "encoder_layers": 2, "decoder_layers": 1, "encoder_attention_heads": 2},
    **{"decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "vocab_size": 60},
    **{"max_target_positions": 16, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2},
    "decoder_start_token_id": 1,
}
_NAMES = {"wavlm": "WavLM", "hubert": "Hubert", "wav2vec2": "Wav2Vec2", "whisper": "Whisper"}


def write(folder: Path, family: str, **changed: Any) -> Any:
    """Write an encoder into a folder, and return the model of transformers that it is."""
    torchaudio_import.transforms()
    import torch
    import transformers

    torch.manual_seed(1)
    transformers.utils.logging.disable_progress_bar()
    name = _NAMES[family]
    shape = (_WHISPER if family == "whisper" else _SHAPE) | changed
    model = getattr(transformers, f"{name}Model")(getattr(transformers, f"{name}Config")(**shape)).eval()
    model.save_pretrained(folder)
    return model


def change(folder: Path, **changed: Any) -> None:
    """Change what config.json says."""
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
