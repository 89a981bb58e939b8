"""The only place that imports torchaudio, since not every build of torch allows a plain import.

torchaudio's wheel loads CUDA libraries on import, in `torchaudio._extension`: an OSError where torch was built without
CUDA, a RuntimeError where it was built for another version. We use only what is plain PyTorch, so in these cases
that module is replaced by a stub that reports "no extension".
"""

import sys
from types import ModuleType
from typing import Any

_EXTENSION = "torchaudio._extension"


def transforms() -> Any:
    """Return `torchaudio.transforms`, of which only what is written in PyTorch is sure to work."""
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
