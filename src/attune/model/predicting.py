"""Run waveforms of any length through a network in bounded memory, each as if it were alone."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from attune.model.branch import Output
from attune.model.front_ends.base import FrontEndBase
from attune.model.network import Network, TaskNetwork
from attune.model.windows import Batch
from attune.signal import HOP, SAMPLE_RATE, WINDOW, covered

BATCH_SAMPLES = 60 * SAMPLE_RATE
"""Maximum padded samples per batch: about half a gigabyte, including all that is computed from them."""

CHUNK_WINDOWS = 1000
"""Windows (10 s) per piece of a longer utterance that is alone in its batch."""

_WAVES = 2
"""Dimensions of a batch of waveforms; a batch of frames has more."""


def batches(windows: Sequence[int]) -> Iterator[list[int]]:
    """Yield positions of utterances in batches of similar length, up to BATCH_SAMPLES unless one alone is longer."""
    batch: list[int] = []
    for position in sorted(range(len(windows)), key=lambda position: windows[position]):
        if batch and covered(windows[position]) * (len(batch) + 1) > BATCH_SAMPLES:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


@torch.inference_mode()
def outputs(network: TaskNetwork, batch: Batch, chunk: int = CHUNK_WINDOWS) -> dict[str, Output]:
    """Return the outputs for a batch; a single utterance of more than `chunk` windows is processed in pieces."""
    network.eval()
    is_long = len(batch.windows) == 1 and int(batch.windows[0]) > chunk
    if is_long and isinstance(network, Network) and batch.waves.ndim == _WAVES:
        return _in_pieces(network, batch, chunk)
    return network(batch)


def _in_pieces(network: Network, batch: Batch, chunk: int) -> dict[str, Output]:
    """Do the same for one long utterance, in pieces of the waveform, carrying the GRUs' states from one to the next.

    Only the waveform and the GRUs' outputs (0.6 GB for an hour and three tasks) are in memory as a whole, and for
    bidirectional GRUs their inputs too.
    """
    pieces = _pieces(network.front_end, batch, chunk)
    if network.bidirectional:
        return network.decide(torch.cat(list(pieces), 1), batch.windows)
    recurrent: dict[str, list[Tensor]] = {task: [] for task in network.tasks}
    states: dict[str, Tensor | None] = dict.fromkeys(network.tasks)
    for piece in pieces:
        for task in network.tasks:
            output, states[task] = network.branch(task).gru(piece, states[task])
            recurrent[task].append(output)
    return network.answers({task: torch.cat(own, 1) for task, own in recurrent.items()}, batch.windows)


def _pieces(front_end: FrontEndBase, batch: Batch, chunk: int) -> Iterator[Tensor]:
    """Yield the front end's output (1, at most chunk, width), piece by piece.

    Each piece is computed with one extra frame on either side, which starts a hop (or a frame) away and covers the
    reach of the convolutions; the output for that frame is dropped.
    """
    each, windows = front_end.windows_per_frame, int(batch.windows[0])
    total, step = int(front_end.frames(batch.windows)[0]), chunk // each
    for begin in range(0, total, step):
        end = min(begin + step, total)
        before, after = min(begin, 1), min(total - end, 1)
        first = each * (begin - before)
        count = each * (end - begin + before) + 1 if after else windows - first
        waves = batch.waves[:, HOP * first : HOP * (first + count - 1) + WINDOW]
        heard = front_end(waves, torch.tensor([count], device=waves.device))
        yield heard[:, before : before + end - begin]
