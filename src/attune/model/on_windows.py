"""Convert attention over an encoder's frames to weights of the paper's windows, which all later code expects."""

import numpy as np
import numpy.typing as npt

from attune.signal import HOP, WINDOW

Weights = npt.NDArray[np.float32]


def on_windows(weights: Weights, *, hop: int, field: int, windows: int) -> Weights:
    """Return weights (windows,) that sum to 1, each frame's weight divided equally among the windows nearest to it.

    Args:
        weights: (frames,), summing to 1; frame i covers `field` samples from sample `hop` x i.
        windows: number of windows, of 640 samples every 160.
    """
    centres = HOP * np.arange(windows) + WINDOW / 2
    nearest = np.clip(np.rint((centres - field / 2) / hop).astype(int), 0, len(weights) - 1)
    shares = weights[nearest] / np.bincount(nearest, minlength=len(weights))[nearest]
    total = shares.sum()
    return (shares / total if total > 0 else np.full(windows, 1 / windows)).astype(np.float32)
