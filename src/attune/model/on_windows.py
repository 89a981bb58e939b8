"""Attention over an encoder's frames, as weights of the paper's windows, which is what everything after it takes."""

import numpy as np
import numpy.typing as npt

from attune.signal import HOP, WINDOW

Weights = npt.NDArray[np.float32]


def on_windows(weights: Weights, *, hop: int, field: int, windows: int) -> Weights:
    """Weights (windows,) that add up to 1: each frame's weight in equal parts on the windows nearest to it.

    Args:
        weights: (frames,), adding up to 1; frame i covers `field` samples from sample `hop` i.
        windows: of 640 samples every 160.
    """
    centres = HOP * np.arange(windows) + WINDOW / 2
    nearest = np.clip(np.rint((centres - field / 2) / hop).astype(int), 0, len(weights) - 1)
    shares = weights[nearest] / np.bincount(nearest, minlength=len(weights))[nearest]
    total = shares.sum()
    return (shares / total if total > 0 else np.full(windows, 1 / windows)).astype(np.float32)
