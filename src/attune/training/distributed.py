"""One training run shared by several processes: every batch is divided among them and its gradients are summed.

`torchrun` starts the processes, on one node or several; each takes its share of every batch and all take the same step.
Up to rounding, the result equals that of one process with the same batches: losses are sums divided by the size of the
whole batch, and every process draws the same dropout for the whole batch; only a fine-tuned encoder draws its own.
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
"""How long a process waits for another that neither answers nor disconnects."""
_FIRST_TO_SPEAK = timedelta(seconds=3)
_FAILED, _TOLD = "attune/failed", "attune/told"

Item = TypeVar("Item")


@dataclass(frozen=True)
class Ranks:
    """The number of processes that share a training run, and the rank of this one."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this process is the one that reports and writes files."""
        return self.rank == 0

    def share(self, items: Sequence[Item]) -> list[Item]:
        """Return this process's share of the items: every `count`-th, so that long and short are divided evenly."""
        return list(items[self.rank :: self.count])

    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """Replace each tensor by its sum over all processes, with the same bytes in each of them."""
        own = list(tensors)
        if self.count == 1 or not own:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in own])
        with _heard():
            dist.all_reduce(flat)
        for tensor, summed in zip(own, torch.split(flat, [tensor.numel() for tensor in own]), strict=True):
            tensor.copy_(summed.view_as(tensor))

    def summed(self, tensor: Tensor) -> Tensor:
        """Return the sum of a tensor over all processes, with the same bytes in each of them."""
        copy = tensor.clone()
        self.add_up([copy])
        return copy

    def add_gradients(self, network: nn.Module, loss: Tensor) -> None:
        """Sum the gradients of all parameters and the loss, in place; a process without a share adds zeros."""
        if self.count == 1:
            return
        for parameter in network.parameters():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.add_up([*(p.grad for p in network.parameters() if p.grad is not None), loss])

    def from_first(self, make: Callable[[], Item]) -> Item:
        """Return, in every process, what `make` returns in the first."""
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
    """Join the processes that `torchrun` started; yield `ALONE` without it.

    Whatever ends one process ends all, with one message, from the first process if possible.

    Args:
        device: what this process computes on; on CUDA each process takes its own device.

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
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # from torchrun to the survivors, which may have to report
        said = store.compare_set(_FAILED, "", str(error)).decode()
        dist.destroy_process_group()  # the others notice
        _say_once(store, rank, said)
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def _say_once(store: Any, rank: int, said: str) -> NoReturn:
    """Raise the message in the first process, or in another one if the first has not raised it."""
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
