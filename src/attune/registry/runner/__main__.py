"""`python -m` this package: load a version's networks, then do what comes over the line until it closes."""

import json
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from attune.errors import AttuneError
from attune.served import answering, ensemble
from attune.served.ensemble import Ensemble


def _export(loaded: Ensemble, path: Path) -> float:
    from attune.served import onnx

    return onnx.write(loaded, path)


_TASKS: dict[str, Callable[..., Any]] = {"answer": answering.answer, "export": _export}


def main() -> None:
    settings = json.loads(sys.argv[1])
    line = Connection(settings["line"])
    if settings["threads"]:
        torch.set_num_threads(settings["threads"])
    loaded = _reply(line, lambda: ensemble.load(Path(settings["folds"]), settings["device"]), silent=True)
    while loaded is not None:
        try:
            task, arguments = line.recv()
        except EOFError:
            return
        _reply(line, lambda: _TASKS[task](loaded, *arguments))  # noqa: B023 - called at once


def _reply(line: Connection, act: Callable[[], Any], *, silent: bool = False) -> Any:
    """Send what came of it, and the seconds of processor time it took; errors as their parts."""
    began = time.process_time()
    try:
        result = act()
    except AttuneError as error:
        line.send(("error", (error.what, error.where and str(error.where), error.remedy), 0.0))
        return None
    line.send(("done", None if silent else result, time.process_time() - began))
    return result


if __name__ == "__main__":
    main()
