"""Putting waveforms of any length through a network, in bounded memory, each as if it were alone."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from attune.model.branch import Output
from attune.model.front_ends.paper import POOL, FrontEnd, window
from attune.model.network import Network, TaskNetwork
from attune.model.windows import Batch
from attune.signal import HOP, SAMPLE_RATE, WINDOW, covered

BATCH_SAMPLES = 60 * SAMPLE_RATE
"""Most padded samples of a batch: with all that is computed from them, about half a gigabyte."""

CHUNK_WINDOWS = 1000
"""An utterance that is alone in its batch and longer (10 s) is taken in pieces of so many windows."""


def batches(windows: Sequence[int]) -> Iterator[list[int]]:
    """Positions of utterances in batches of similar length, at most BATCH_SAMPLES each unless one alone is longer."""
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
    """What the network says of a batch; a single utterance of more than `chunk` windows is taken in pieces."""
    network.eval()
    front_end = network.front_end
    is_long = len(batch.windows) == 1 and int(batch.windows[0]) > chunk
    if is_long and isinstance(network, Network) and isinstance(front_end, FrontEnd):
        return _in_pieces(network, front_end, batch, chunk)
    return network(batch)


def _in_pieces(network: Network, front_end: FrontEnd, batch: Batch, chunk: int) -> dict[str, Output]:
    """The same for one long utterance: pieces of the waveform, with the GRUs' states carried from one to the next.

    What is kept whole are the GRUs' outputs, 0.6 GB for an hour and three tasks, besides the waveform itself.
    """
    recurrent: dict[str, list[Tensor]] = {task: [] for task in network.tasks}
    states: dict[str, Tensor | None] = dict.fromkeys(network.tasks)
    for flattened in _pieces(front_end, batch, chunk):
        for task in network.tasks:
            output, states[task] = network.branch(task).gru(flattened, states[task])
            recurrent[task].append(output)
    return {task: network.branch(task).decide(torch.cat(recurrent[task], 1), batch.windows) for task in network.tasks}


def _pieces(front_end: FrontEnd, batch: Batch, chunk: int) -> Iterator[Tensor]:
    """Flattened windows (1, at most chunk, 1280), piece by piece.

    Each piece is convolved with one hop more on either side, which covers what the convolutions reach, and its
    features there are dropped.
    """
    total = int(batch.windows[0])
    for begin in range(0, total, chunk):
        end = min(begin + chunk, total)
        before, after = min(begin, 1), min(total - end, 1)
        waves = batch.waves[:, HOP * (begin - before) : HOP * (end - 1 + after) + WINDOW]
        count = torch.tensor([end - begin + before + after], device=waves.device)
        yield window(_inner(front_end.features(waves, count), before, after))


def _inner(features: Tensor, before: int, after: int) -> Tensor:
    step = HOP // POOL
    return features[..., step * before : features.shape[-1] - step * after]
