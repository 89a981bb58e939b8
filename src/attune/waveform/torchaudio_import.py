"""The one door to torchaudio, which cannot simply be imported beside a CPU build of torch.

torchaudio's Linux wheel links CUDA libraries, and its `_extension` module loads them on import: an OSError where
torch was built without CUDA. What we use of it is plain PyTorch, so there that module is replaced by a stand-in
that says "no extension". With a CUDA build of torch nothing is touched.
"""

import sys
from types import ModuleType
from typing import Any


def functional() -> Any:
    """`torchaudio.functional`: resample, loudness, pitch and the rest of what is written in PyTorch."""
    import torch

    if torch.version.cuda is None and "torchaudio" not in sys.modules:
        sys.modules["torchaudio._extension"] = _no_extension()
    import torchaudio.functional

    return torchaudio.functional


def _no_extension() -> ModuleType:
    stand_in: Any = ModuleType("torchaudio._extension")
    stand_in._IS_TORCHAUDIO_EXT_AVAILABLE = False
    stand_in._IS_ALIGN_AVAILABLE = False
    stand_in.fail_if_no_align = lambda function: function
    return stand_in
