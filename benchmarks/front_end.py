"""How fast is the front end, and a whole training step, in three forms that share their weights?

    python benchmarks/front_end.py [--threads 2] [--batch 16] [--seconds 2] [--rounds 3]

literal    every window convolved by itself, as the paper words it (literal.py beside this file), torch's GRUs
shared     the convolutions once over the waveform with torch's conv1d, then windowed; torch's GRUs
attune     what `attune train` runs on a CPU (attune.model.convolution.spectral, attune.model.recurrent)

The forms take turns, so that whatever else the machine does meets all three; each one's best round counts.
"""

import argparse
import time
from collections.abc import Callable

import literal
import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from attune.model.compute import keep_freed_memory, prepare
from attune.model.convolution import direct
from attune.model.front_ends.paper import window
from attune.model.network import Network
from attune.model.systems import named
from attune.model.windows import Batch, collate
from attune.params import Compute
from attune.signal import SAMPLE_RATE

Form = Callable[[Network, Batch], Tensor]


def by_window(network: Network, batch: Batch) -> Tensor:
    return network.front_end.dropout(literal.windows(network.front_end, batch.waves))


def shared(network: Network, batch: Batch) -> Tensor:
    front_end = network.front_end
    return front_end.dropout(window(front_end.convolve(direct, batch.waves, batch.windows)))


def attune(network: Network, batch: Batch) -> Tensor:
    return network.front_end(batch.waves, batch.windows)


FORMS: dict[str, Form] = {"literal": by_window, "shared": shared, "attune": attune}


def front_end(form: Form, network: Network, batch: Batch) -> None:
    """Forward and backward of the front end alone."""
    form(network, batch).square().mean().backward()


def training_step(form: Form, network: Network, batch: Batch, optimiser: torch.optim.Optimizer) -> None:
    """Forward and backward of the whole network, and a step of Adam."""
    optimiser.zero_grad()
    if form is attune:
        logits = [output.logits for output in network(batch).values()]
    else:
        flattened = form(network, batch)
        branches = [network.branch(task) for task in network.tasks]
        logits = [branch.decide(branch.gru(flattened)[0], batch.windows).logits for branch in branches]
    torch.stack(logits).square().mean().backward()
    optimiser.step()


def seconds(action: Callable[[Form], None], form: Form) -> float:
    began = time.perf_counter()
    action(form)
    return time.perf_counter() - began


def measure(threads: int, size: int, length: float, rounds: int) -> dict[str, dict[str, float]]:
    """Best seconds by measurement and form."""
    prepare(Compute(device="cpu", threads=threads))
    keep_freed_memory()
    network = named("mtl-att").build("joint", dropout=0.1, seed=1).train()
    random = np.random.default_rng(1)
    waveforms = [random.normal(size=round(length * SAMPLE_RATE)).astype(np.float32) for _ in range(size)]
    batch = collate(waveforms, 0.0, 1.0)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-6)
    measured = {
        "front end": lambda form: front_end(form, network, batch),
        "training step": lambda form: training_step(form, network, batch, optimiser),
    }
    best = {what: dict.fromkeys(FORMS, float("inf")) for what in measured}
    for _ in range(rounds + 1):  # one more than asked: the first warms up and is as good as the others or worse
        for what, action in measured.items():
            for name, form in FORMS.items():
                best[what][name] = min(best[what][name], seconds(action, form))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16, help="utterances")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each utterance")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    audio = chosen.batch * chosen.seconds
    best = measure(chosen.threads, chosen.batch, chosen.seconds, chosen.rounds)
    for what, taken in best.items():
        table = Table(title=f"{what}, {chosen.threads} threads, {audio:g} s of audio")
        for column in ("form", "seconds", "s audio/s", "of literal", "of shared"):
            table.add_column(column, justify="left" if column == "form" else "right")
        for name, own in taken.items():
            ratios = (f"{taken[other] / own:.2f}" for other in ("literal", "shared"))
            table.add_row(name, f"{own:.3f}", f"{audio / own:.1f}", *ratios)
        Console().print(table)


if __name__ == "__main__":
    main()
