"""The one door to torchaudio, which cannot simply be imported beside every build of torch.

torchaudio's wheel links CUDA libraries and loads them on import, in `torchaudio._extension`: an OSError where torch
was built without CUDA, a RuntimeError where it was built for another one. What we use of it is plain PyTorch, so there
that module is replaced by a stand-in that says "no extension".
"""

import sys
from types import ModuleType
from typing import Any

_EXTENSION = "torchaudio._extension"


def transforms() -> Any:
    """`torchaudio.transforms`, for what of it is written in PyTorch."""
    try:
        import torchaudio.transforms
    except (OSError, RuntimeError):
        sys.modules[_EXTENSION] = _no_extension()
        import torchaudio.transforms
    return torchaudio.transforms


def _no_extension() -> ModuleType:
    stand_in: Any = ModuleType(_EXTENSION)
    stand_in._IS_TORCHAUDIO_EXT_AVAILABLE = False
    stand_in._IS_ALIGN_AVAILABLE = False
    stand_in.fail_if_no_align = lambda function: function
    return stand_in
