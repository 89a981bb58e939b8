"""Arousal, valence and dominance from the raw waveform of speech.

For notebooks: `load` a registered model and score audio; read what a run wrote with `utterances`, `waveforms`,
`predictions` and `metrics`. Nothing is imported before it is used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attune.api import Model, load, metrics, predictions, utterances, waveforms

__version__ = "0.1.0"
__all__ = ["Model", "__version__", "load", "metrics", "predictions", "utterances", "waveforms"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'attune' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("attune.api"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
