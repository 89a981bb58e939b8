"""Low-rank adaptation (Hu et al. 2022) of an encoder's feed-forward layers, as Feng and Narayanan 2023 do for emotion.

Each of their matrices W becomes W + 2 B A, where only A and B, of a small rank, are trained. Attention matrices are not
adapted, because WavLM multiplies by them in a way that bypasses adapters. The sums are saved, as an ordinary encoder.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from attune.errors import AttuneError
from attune.features.encoder import Encoder
from attune.model.front_ends.layers import Tuned
from attune.waveform import torchaudio_import

LAYERS = ["intermediate_dense", "output_dense", "fc1", "fc2"]
"""Names of the feed-forward layers in wav2vec 2.0 and related models, and in Whisper."""

SCALE = 2.0
_A, _B = "lora_A.default.weight", "lora_B.default.weight"
_BASE = ".base_layer"


class LowRank(Tuned):
    """A frozen encoder with trainable matrices of rank `rank` added to its feed-forward layers.

    Raises:
        AttuneError: peft is not installed.
    """

    def __init__(self, encoder: Encoder, rank: int, dropout: float) -> None:
        super().__init__(encoder, 0, dropout)
        peft = library()
        config = peft.LoraConfig(r=rank, lora_alpha=SCALE * rank, target_modules=LAYERS)
        peft.inject_adapter_in_model(config, encoder.model)

    def reset_parameters(self) -> None:
        """Initialise A by He et al. 2015 and B to zero: training starts from the unchanged encoder."""
        super().reset_parameters()
        for module in self.encoder.modules():
            if reset := getattr(module, "reset_lora_parameters", None):
                reset("default", init_lora_weights=True)

    def saved(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the state with each sum in place of its terms."""
        found = {}
        for name, tensor in state.items():
            if name.endswith((_A, _B)):
                continue
            stem = name.removesuffix("base_layer.weight")
            added = SCALE * state[stem + _B] @ state[stem + _A] if stem != name else 0.0
            found[name.replace(_BASE, "")] = tensor + added
        return found


def library() -> Any:
    """Return the peft library.

    Raises:
        AttuneError: it is not installed.
    """
    try:
        torchaudio_import.transforms()  # which peft itself imports
        import peft
    except ImportError:
        raise AttuneError(
            "low-rank adaptation needs peft, which is not installed",
            where="ssl.tuned",
            remedy="pip install 'attune-speech[ssl]', or set ssl.tuned to none, all or a number of layers.",
        ) from None
    found: Any = peft
    return found
