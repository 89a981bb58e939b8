"""Pretrained speech encoders: WavLM, HuBERT, wav2vec 2.0, Whisper's encoder.

They are read from a local folder in Hugging Face's layout: `config.json`, `preprocessor_config.json` if any, and
weights in safetensors. Nothing is downloaded and no pickle is opened. Each utterance is encoded by itself, independent
of any others, and cut to whole frames: one every `hop` samples, `field` samples long.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.features import encoder_folder
from attune.features.encoder_folder import CONFIG, REMEDY
from attune.features.of_systems import ENCODER
from attune.features.packed import Frames
from attune.signal import SAMPLE_RATE, Waveform
from attune.waveform import torchaudio_import

KIND, TUNED, COPY = ENCODER, "encoder-tuned", "encoder"
"""Frames of all layers of a frozen encoder; the encoder alone, for fine-tuning; the encoder's subfolder in both."""

_LAYERS = "encoder.layers."
"""Part of the names of all transformer layers' weights."""
_PIECE = 30 * SAMPLE_RATE
"""Whisper's input is 30 seconds at a time."""


class Encoder(nn.Module):
    """An encoder with its settings: its config.json plus `do_normalize`.

    `layers` counts the outputs of all transformer layers and the input of the first.
    """

    def __init__(self, settings: Mapping[str, Any], model: nn.Module) -> None:
        super().__init__()
        self.settings = dict(settings)
        self.model = model
        self.family = str(settings["model_type"])
        config: Any = model.config  # with the defaults of what config.json does not say
        self.hop, self.field = _frame(config)
        self.width, self.layers = int(config.hidden_size), 1 + int(config.num_hidden_layers)

    def count(self, samples: int) -> int:
        """Return the number of frames of a waveform with this many samples."""
        return 1 + max(0, samples - self.field) // self.hop

    def covered(self, frames: int) -> int:
        """Return the number of samples that this many frames cover."""
        return self.field + self.hop * (frames - 1)

    def forward(self, waveform: Tensor) -> Tensor:
        """Encode one waveform (samples,) in [-1, 1) at 16 kHz, to (frames, layers, width)."""
        frames = self.count(len(waveform))
        whole = waveform[: self.covered(frames)]
        whole = F.pad(whole, (0, self.covered(frames) - len(whole)))
        found = self._whisper(whole, frames) if self.family == "whisper" else self._self_supervised(whole)
        return found[:frames]

    def last(self, waveform: Tensor) -> Tensor:
        """Return the last layer's frames (frames, width) of a waveform (samples,), padded to at least one, not cut."""
        return self._self_supervised(F.pad(waveform, (0, max(0, self.field - len(waveform)))))[:, -1]

    def block(self, number: int) -> nn.Module:
        """Return a transformer layer, counted from 0 at the input."""
        encoder: Any = self.model if self.family == "whisper" else self.model.encoder
        return cast(nn.Module, encoder.layers[number])

    def _self_supervised(self, waveform: Tensor) -> Tensor:
        if self.settings["do_normalize"]:
            waveform = (waveform - waveform.mean()) / torch.sqrt(waveform.var(correction=0) + 1e-7)
        states = self.model(waveform[None], output_hidden_states=True).hidden_states
        return torch.stack([state[0] for state in states], 1)

    def _whisper(self, waveform: Tensor, frames: int) -> Tensor:
        config: Any = self.model.config
        extract = _transformers(self.family).WhisperFeatureExtractor(feature_size=config.num_mel_bins)
        pieces = []
        for piece in torch.split(waveform, _PIECE):
            mel = extract(piece.detach().cpu().numpy(), sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features
            states = self.model(mel.to(waveform.device), output_hidden_states=True).hidden_states
            pieces.append(torch.stack([state[0] for state in states], 1)[: math.ceil(len(piece) / self.hop)])
        return torch.cat(pieces)[:frames]


def read(folder: Path) -> Encoder:
    """Read the encoder in a folder, in evaluation mode.

    Raises:
        AttuneError: transformers is not installed, the folder or safetensors are missing, the family is not supported,
            or weights are damaged, missing, left over or of the wrong shape.
    """
    settings = encoder_folder.settings(folder)
    transformers = _transformers(folder)
    encoder_folder.check_weights(folder)
    model_class = getattr(transformers, _CLASSES[settings["model_type"]])
    with reading(folder / CONFIG, "features", REMEDY):
        config = _config(transformers, settings)
    with reading(folder, "features", REMEDY):
        try:
            model, told = model_class.from_pretrained(
                folder, config=config, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
        except (RuntimeError, ValueError) as error:
            first = " ".join(str(error).split())[:200]
            raise AttuneError(f"has weights of another shape than its {CONFIG} says: {first}", where=folder) from None
    lacking = sorted(key for key in told["missing_keys"] if not _spare(key))
    if lacking:
        raise AttuneError(
            f"lacks {len(lacking)} of the weights that its {CONFIG} asks for, such as {lacking[0]}",
            where=folder,
            remedy=REMEDY,
        )
    strange = sorted(key for key in told["unexpected_keys"] if _LAYERS in key)
    if strange:
        raise AttuneError(
            f"has {len(strange)} weights that its {CONFIG} does not ask for, such as {strange[0]}",
            where=folder,
            remedy=REMEDY,
        )
    return Encoder(settings, _inner(settings, model)).float().eval()


def rebuild(settings: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Encoder:
    """Rebuild an encoder from its settings and the tensors of its `state_dict`.

    Raises:
        AttuneError: transformers is not installed.
        RuntimeError: the tensors do not match the encoder.
    """
    transformers = _transformers("model.json")
    model = getattr(transformers, _CLASSES[settings["model_type"]])(_config(transformers, settings))
    built = Encoder(settings, _inner(settings, model))
    built.load_state_dict(dict(tensors))
    return built.eval()


@torch.inference_mode()
def encoded(encoder: Encoder, waveform: Waveform, device: torch.device) -> Frames:
    """Return the frames (frames, layers, width) of an utterance in half precision, as stored.

    Raises:
        AttuneError: some are not finite.
    """
    found = encoder.to(device)(torch.from_numpy(np.ascontiguousarray(waveform, np.float32)).to(device)).half()
    if not found.isfinite().all():
        raise AttuneError(
            "the encoder's frames are not numbers, or too large for half precision",
            where=encoder.family,
            remedy="Use another checkpoint, or fine-tune this one (ssl.tuned), which takes single precision.",
        )
    return found.cpu().numpy()


_CLASSES = {"wavlm": "WavLMModel", "hubert": "HubertModel", "wav2vec2": "Wav2Vec2Model", "whisper": "WhisperModel"}
_OFF = {"layerdrop": 0.0, "encoder_layerdrop": 0.0, "apply_spec_augment": False}
"""Settings that turn off what would draw random numbers of its own in training."""


def _config(transformers: Any, settings: Mapping[str, Any]) -> Any:
    plain = {key: value for key, value in settings.items() if key != "do_normalize"}
    config = getattr(transformers, _CLASSES[settings["model_type"]].removesuffix("Model") + "Config").from_dict(plain)
    for name, value in _OFF.items():
        if hasattr(config, name):
            setattr(config, name, value)
    return config


def _transformers(where: object) -> Any:
    try:
        torchaudio_import.transforms()  # because transformers imports torchaudio
        import transformers
    except ImportError:
        raise AttuneError(
            "encoders need transformers, which is not installed",
            where=where,
            remedy="pip install 'attune-speech[ssl]', or remove ssl-att from `systems`.",
        ) from None
    library: Any = transformers
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()
    return library


def _inner(settings: Mapping[str, Any], model: Any) -> nn.Module:
    return cast(nn.Module, model.encoder if settings["model_type"] == "whisper" else model)


def _spare(key: str) -> bool:
    """Return whether only pre-training or a decoder uses this weight."""
    return key.startswith("decoder.") or key.endswith("masked_spec_embed")


def _frame(config: Any) -> tuple[int, int]:
    """Return the hop between frames and the length of a frame, in samples."""
    if config.model_type == "whisper":
        return 320, 400
    hop, field = 1, 1
    for kernel, stride in zip(config.conv_kernel, config.conv_stride, strict=True):
        field += (kernel - 1) * hop
        hop *= stride
    return hop, field
