"""A version's networks at work in a process of their own, so that they run under the version's own code."""

import json
import subprocess
from multiprocessing import Pipe
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from attune.errors import AttuneError
from attune.registry import own_code, runner, versions

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities.model_registry import ModelVersion

_PROGRAM = Path(runner.__file__).parent


def load(version: "ModelVersion", device: str = "cpu", threads: int | None = None) -> "Running":
    """The networks of a version at work; close it when done.

    Raises:
        AttuneError: its files cannot be fetched.
    """
    return Running(versions.fetch(version), f"{version.name}/{version.version}", device, threads)


class Running:
    """The process begins at once and loads while this one goes on; the first call waits for it.

    Args:
        files: the folder of a version's files.
        label: the version, for messages.
        device: `cpu` or `cuda`.
        threads: of the processor; torch's own choice where it is None.
    """

    def __init__(self, files: Path, label: str, device: str = "cpu", threads: int | None = None) -> None:
        self._label = label
        self._line, theirs = Pipe()
        with theirs:
            settings = {
                "line": theirs.fileno(), "folds": str(files / "artifacts/folds"), "device": device, "threads": threads
            }  # fmt: skip
            self._process = subprocess.Popen(
                own_code.command(_PROGRAM, [json.dumps(settings)]),
                env=own_code.environment(files),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._loaded = False
        self.processor_seconds = 0.0
        """Of the last call."""

    def predict(self, rows: "pd.DataFrame", params: dict[str, Any] | None = None) -> "pd.DataFrame":
        """Scores of a table of audio: see `attune.served.answering.answer`.

        Raises:
            AttuneError: what is wrong with the rows; or the version does not load, or its process ended.
        """
        return self._call("answer", rows, params)

    def export(self, path: Path) -> float:
        """Write the networks as ONNX: see `attune.served.onnx.write`.

        Raises:
            AttuneError: onnx is not installed, the two differ, or the version does not load.
        """
        return self._call("export", path)

    def wait(self) -> None:
        """Wait until the networks are loaded.

        Raises:
            AttuneError: they cannot be.
        """
        if not self._loaded:
            self._receive()
            self._loaded = True

    def close(self) -> None:
        """End the process."""
        self._line.close()
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, task: str, *arguments: Any) -> Any:
        self.wait()
        self._line.send((task, arguments))
        return self._receive()

    def _receive(self) -> Any:
        try:
            outcome, value, self.processor_seconds = self._line.recv()
        except (EOFError, OSError):
            code = self._process.wait()
            raise AttuneError(f"the process that runs its networks ended with code {code}", where=self._label) from None
        if outcome == "error":
            what, where, remedy = value
            raise AttuneError(what, where=where or self._label, remedy=remedy)
        return value
