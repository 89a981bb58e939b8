"""An encoder's folder in Hugging Face's layout: its settings and files; no pickle is opened."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from safetensors import safe_open

from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.signal import SAMPLE_RATE
from attune.storage.files import whole_file

FAMILIES = ("wavlm", "hubert", "wav2vec2", "whisper")
CONFIG, _PREPROCESSING, _WEIGHTS = "config.json", "preprocessor_config.json", "model.safetensors"
REMEDY = "Use the folder of one complete checkpoint."
_POINTER = b"version https://git-lfs"
"""How a file begins that Git LFS has not fetched."""


def settings(folder: Path) -> dict[str, Any]:
    """Return what config.json says, and as `do_normalize` whether each waveform is standardised first.

    Raises:
        AttuneError: no encoder, another family, or no weights in safetensors.
    """
    remedy = "Name a folder in Hugging Face's layout (docs/model.md), for ssl-att in ssl.folder."
    if not (folder / CONFIG).is_file():
        raise AttuneError(f"has no encoder: there is no {CONFIG}", where=folder, remedy=remedy)
    with reading(folder / CONFIG, "features", REMEDY):
        found = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        family = found.get("model_type")
    if family not in FAMILIES:
        raise AttuneError(
            f"is of the family {family!r}", where=folder / CONFIG, remedy=f"Supported are {', '.join(FAMILIES)}."
        )
    pickles = sorted(path.name for pattern in ("*.bin", "*.pt", "*.pth", "*.ckpt") for path in folder.glob(pattern))
    if not list(folder.glob("*.safetensors")):
        said = f"has its weights as a pickle, {pickles[0]}, which may run any code" if pickles else "has no weights"
        raise AttuneError(said, where=folder, remedy=f"Use the checkpoint's {_WEIGHTS}; a pickle is never opened.")
    normalised = found.get("feat_extract_norm") == "layer"
    if (folder / _PREPROCESSING).exists():
        with reading(folder / _PREPROCESSING, "features", REMEDY):
            told = json.loads((folder / _PREPROCESSING).read_text(encoding="utf-8"))
            normalised = bool(told.get("do_normalize", normalised))
            if (rate := told.get("sampling_rate", SAMPLE_RATE)) != SAMPLE_RATE:
                raise AttuneError(f"is for audio at {rate} Hz", remedy=f"Use an encoder for {SAMPLE_RATE} Hz.")
    return {**found, "do_normalize": normalised}


def check_weights(folder: Path) -> None:
    """Refuse files of weights that are damaged or only stand for weights, which transformers would not name.

    Raises:
        AttuneError: such a file.
    """
    for path in sorted(folder.glob("*.safetensors")):
        with reading(path, "features", REMEDY):
            with path.open("rb") as file:
                if file.read(len(_POINTER)) == _POINTER:
                    remedy = "Run `git lfs pull` where it was cloned."
                    raise AttuneError("is a pointer of Git LFS, not the weights", remedy=remedy)
            with safe_open(path, "pt"):
                pass


def copy(source: Path, folder: Path) -> None:
    """Copy the files that `digest` covers into a folder, which is created if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in _files(source):
        with whole_file(folder / path.name) as file:
            shutil.copyfile(path, file)


def digest(folder: Path) -> str:
    """Return the SHA-256 over the names and bytes of the folder's configuration and weights."""
    found = hashlib.sha256()
    for path in _files(folder):
        with path.open("rb") as file:
            found.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return found.hexdigest()


def _files(folder: Path) -> list[Path]:
    names = {CONFIG, _PREPROCESSING, f"{_WEIGHTS}.index.json"}
    return sorted(path for path in folder.glob("*") if path.name in names or path.suffix == ".safetensors")
