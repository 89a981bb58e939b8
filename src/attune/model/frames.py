"""Map frames that each stand for several of the paper's windows to those windows, which all later code expects.

Frame j is as long as a window and starts where window `each` x j does; a window belongs to its nearest frame.
"""

import torch
from torch import Tensor


def nearest(frames: Tensor, slots: int, each: int) -> Tensor:
    """Return the frame of every window (batch, slots x each), for utterances of `frames` (batch,) frames.

    >>> nearest(torch.tensor([2]), slots=2, each=4).tolist()
    [[0, 0, 1, 1, 1, 1, 1, 1]]
    """
    windows = torch.arange(slots * each, device=frames.device)
    return torch.minimum(((windows + each // 2) // each)[None], frames[:, None] - 1)


def spread(weights: Tensor, windows: Tensor, each: int) -> Tensor:
    """Convert weights of frames (batch, frames) to weights of windows (batch, frames x each), zero in the padding.

    A frame's weight is divided equally among its windows, so that an utterance's weights keep their sum.
    """
    frames = 1 + (windows - 1) // each
    number = torch.arange(weights.shape[1], device=weights.device)
    begin = (each * number - each // 2).clamp(min=0)
    end = torch.where(number == frames[:, None] - 1, windows[:, None], each * number + each // 2)
    shares = weights / (end - begin).clamp(min=1)
    found = shares.gather(1, nearest(frames, weights.shape[1], each))
    return found * (torch.arange(found.shape[1], device=found.device) < windows[:, None])
