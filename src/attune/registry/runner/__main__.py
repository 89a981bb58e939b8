"""`python -m` this package: load a version's networks, then serve requests from the pipe until it closes.

The slowest imports happen while the command is still looking up the version.
"""

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attune.served.ensemble import Ensemble


def _export(loaded: "Ensemble", path: Path) -> float:
    from attune.served import onnx

    return onnx.write(loaded, path)


def _answer(loaded: "Ensemble", *arguments: Any) -> Any:
    from attune.served import answering

    return answering.answer(loaded, *arguments)


_TASKS: dict[str, Callable[..., Any]] = {"answer": _answer, "export": _export}


def main(line: Connection) -> None:
    import pandas  # noqa: F401
    import torch

    try:
        settings = line.recv()
    except EOFError:
        return
    import_module("own_source").take(settings["code"])  # before attune is imported, so that it is the version's own
    if settings["threads"]:
        torch.set_num_threads(settings["threads"])
    loaded = _reply(line, lambda: _load(settings), silent=True)
    while loaded is not None:
        try:
            task, arguments, folder = line.recv()
        except EOFError:
            return
        os.chdir(folder)  # relative paths begin where the caller is now, as a notebook may have moved on
        _reply(line, lambda: _TASKS[task](loaded, *arguments))  # noqa: B023 - called at once


def _load(settings: dict[str, Any]) -> "Ensemble":
    from attune.served import ensemble

    return ensemble.load(Path(settings["folds"]), settings["device"])


def _reply(line: Connection, act: Callable[[], Any], *, silent: bool = False) -> Any:
    """Send the outcome and the CPU seconds it took; errors are sent as their fields."""
    from attune.errors import AttuneError

    began = time.process_time()
    try:
        result = act()
    except AttuneError as error:
        line.send(("error", (error.what, error.where and str(error.where), error.remedy), 0.0))
        return None
    except OSError as error:  # a full disk, say
        line.send(("system", (error.errno, error.strerror, error.filename), 0.0))
        return None
    line.send(("done", None if silent else result, time.process_time() - began))
    return result


if __name__ == "__main__":
    to_caller = Connection(int(sys.argv[1]))
    try:
        main(to_caller)
    except ModuleNotFoundError as error:
        to_caller.send(("missing", error.name, 0.0))
