"""Several processes that share a training run, as `torchrun` starts them, from a server that has imported torch."""

import multiprocessing
import os
import sys
from pathlib import Path
from typing import NamedTuple

from torch.distributed import TCPStore

from attune.errors import AttuneError


class Ended(NamedTuple):
    """A process that ended: its exit code, negative for a signal, and all that it printed."""

    code: int
    said: str


def together(folder, work, *arguments, count=2):
    """Run `work(*arguments)` in `count` processes at once and wait for all; `folder` must be empty or not there."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch", "attune.steps.train"])
    folder.mkdir(parents=True, exist_ok=True)
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)  # torchrun keeps it, not its processes
    processes = [
        context.Process(target=_run, args=(rank, count, store.port, folder / str(rank), sys.path, work, arguments))
        for rank in range(count)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(600)
        assert process.exitcode is not None, "still running"
    return [Ended(process.exitcode, (folder / str(rank)).read_text()) for rank, process in enumerate(processes)]


def _run(rank, count, port, output: Path, path, work, arguments):
    sys.path[:] = path
    for stream in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(count)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "TORCHELASTIC_RUN_ID": "test"}
    os.environ["TORCHELASTIC_USE_AGENT_STORE"] = "True"
    os.environ["ATTUNE_TRACKING"] = "off"
    try:
        work(*arguments)
    except AttuneError as error:
        print(f"error: {error}", flush=True)
        os._exit(1)
