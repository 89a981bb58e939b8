"""One training run shared by several processes: every batch divided among them, its gradients added up again.

`torchrun` starts the processes, on one node or several; each takes its share of every batch and all take the same step.
The result equals, but for rounding, that of one process with the same batches: losses are sums divided by the size of
the whole batch, and dropout is drawn for the whole batch by every process alike.
"""

import re
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.rendezvous import rendezvous

from attune.errors import AttuneError
from attune.training.parting import LOST

PATIENCE = timedelta(minutes=10)
"""How long a process waits for another that neither answers nor hangs up."""
_FIRST_TO_SPEAK = timedelta(seconds=3)
_FAILED, _TOLD = "attune/failed", "attune/told"

Item = TypeVar("Item")


@dataclass(frozen=True)
class Ranks:
    """The processes that share a training run, and which of them this one is."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this process is the one that reports, and that writes what is kept."""
        return self.rank == 0

    def share(self, items: Sequence[Item]) -> list[Item]:
        """This process's part of what all work on: every `count`-th, so that long and short are divided evenly."""
        return list(items[self.rank :: self.count])

    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """Replace each tensor by its sum over all processes; the same bytes in each of them."""
        own = list(tensors)
        if self.count == 1 or not own:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in own])
        with _heard():
            dist.all_reduce(flat)
        for tensor, summed in zip(own, torch.split(flat, [tensor.numel() for tensor in own]), strict=True):
            tensor.copy_(summed.view_as(tensor))

    def summed(self, tensor: Tensor) -> Tensor:
        """The sum of a tensor over all processes; the same bytes in each of them."""
        copy = tensor.clone()
        self.add_up([copy])
        return copy

    def add_gradients(self, network: nn.Module, loss: Tensor) -> None:
        """Add up the gradients of all parameters and the loss, in place; a process without a share adds zeros."""
        if self.count == 1:
            return
        for parameter in network.parameters():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.add_up([*(p.grad for p in network.parameters() if p.grad is not None), loss])

    def from_first(self, make: Callable[[], Item]) -> Item:
        """What the first process makes, in all of them."""
        if self.count == 1:
            return make()
        held: list[Any] = [make() if self.first else None]
        with _heard():
            dist.broadcast_object_list(held)
        made: Item = held[0]
        return made


ALONE = Ranks()


@contextmanager
def together(device: torch.device) -> Iterator[Ranks]:
    """Meet the other processes that `torchrun` started; alone where it did not.

    Whatever ends one of them ends all, with one message, the first process's if it still can.

    Args:
        device: what this process computes on; of several CUDA devices it takes its own.

    Raises:
        AttuneError: another process of the run was lost.
    """
    if not dist.is_torchelastic_launched():
        yield ALONE
        return
    if device.type == "cuda":
        torch.cuda.set_device(dist.get_node_local_rank())
    store, rank, count = next(rendezvous("env://", timeout=PATIENCE))
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    dist.init_process_group(backend, store=store, rank=rank, world_size=count, timeout=PATIENCE)
    try:
        yield Ranks(rank, count)
        with _heard():
            dist.barrier()
    except AttuneError as error:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # torchrun's to those that live on, who may have to speak
        said = store.compare_set(_FAILED, "", str(error)).decode()
        dist.destroy_process_group()  # the others hear of it
        _say_once(store, rank, said)
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def _say_once(store: Any, rank: int, said: str) -> NoReturn:
    """Raise what was said; the first process does, or another one if the first has not."""
    if rank != 0:
        with suppress(dist.DistError):
            store.wait([_TOLD], _FIRST_TO_SPEAK)
    if store.compare_set(_TOLD, "", str(rank)).decode() != str(rank):
        raise SystemExit(1)
    raise AttuneError(said)


@contextmanager
def _heard() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        reason = re.sub(r"^\[[^]]*\] ", "", str(error).splitlines()[0]).split(". ")[0]
        raise AttuneError(
            f"{LOST} ({reason})",
            remedy="The same command resumes after the last complete epoch.",
        ) from None
