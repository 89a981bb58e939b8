"""Run a version's networks in a separate process, so that they use the version's own code."""

import subprocess
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any

from attune.artifacts import models
from attune.errors import AttuneError
from attune.registry import own_code, runner, versions
from attune.tasks import PAPER, Tasks, as_json, parse

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities.model_registry import ModelVersion

_PROGRAM = Path(runner.__file__).parent


class Process:
    """The process for a version, started before the version is looked up, so that slow imports run meanwhile."""

    def __init__(self) -> None:
        self.line, theirs = Pipe()
        with theirs:
            self.own = subprocess.Popen(
                own_code.command(_PROGRAM, [str(theirs.fileno())]),
                env=own_code.environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def close(self) -> None:
        """Kill the process."""
        self.line.close()
        self.own.kill()
        self.own.wait()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load(
    version: "ModelVersion", device: str = "cpu", threads: int | None = None, process: Process | None = None
) -> "Running":
    """Start a version's networks; the caller closes the result.

    Raises:
        AttuneError: its files cannot be fetched.
    """
    return Running(versions.fetch(version), f"{version.name}/{version.version}", device, threads, process)


class Running:
    """A process that loads the networks in the background; the first call waits for it.

    Args:
        files: the folder with the version's files.
        label: the version, for messages.
        device: `cpu` or `cuda`.
        threads: number of CPU threads; torch's default if None.
        process: one started earlier; by default a new one is started.
    """

    def __init__(
        self,
        files: Path,
        label: str,
        device: str = "cpu",
        threads: int | None = None,
        process: Process | None = None,
    ) -> None:
        self._label, self._files = label, files
        self._process = process or Process()
        self._line = self._process.line
        settings = {
            "code": str(files / "code"), "folds": str(files / "artifacts/folds"), "device": device, "threads": threads
        }  # fmt: skip
        with suppress(OSError):  # the process has ended: the first call reports it
            self._line.send(settings)
        self._loaded = False
        self._one_at_a_time = Lock()
        self.processor_seconds = 0.0
        """CPU seconds of the last call."""

    def predict(self, rows: "pd.DataFrame", params: dict[str, Any] | None = None) -> "pd.DataFrame":
        """Score a table of audio: see `attune.served.answering.answer`.

        Raises:
            AttuneError: the rows are invalid, the version does not load, or its process ended.
        """
        return self._call("answer", rows, params)

    def export(self, path: Path) -> float:
        """Write the networks as ONNX: see `attune.served.onnx.write`.

        Raises:
            AttuneError: onnx is not installed, the exported scores differ, or the version does not load.
            OSError: the file cannot be written.
        """
        return self._call("export", path)

    @property
    def tasks(self) -> Tasks:
        """The tasks that the version predicts.

        Raises:
            AttuneError: its model description cannot be read.
        """
        described = sorted((self._files / "artifacts/folds").glob(f"*/{models.DESCRIPTION}"))
        folder = described[0].parent if described else self._files
        return parse(models.read_description(folder).get("tasks", as_json(PAPER)))

    def wait(self) -> None:
        """Wait until the networks are loaded.

        Raises:
            AttuneError: they cannot be loaded.
            ModuleNotFoundError: a package that they need, such as torch, is not installed.
        """
        if not self._loaded:
            self._receive()
            self._loaded = True

    def close(self) -> None:
        """Kill the process."""
        self._process.close()

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, task: str, *arguments: Any) -> Any:
        if self._line.closed:
            raise AttuneError("is closed", where=self._label, remedy="Load it again.")
        with self._one_at_a_time:
            try:
                self.wait()
                with suppress(OSError):  # the process has ended, which is reported where its answer is expected
                    self._line.send((task, arguments, str(Path.cwd())))
                return self._receive()
            except KeyboardInterrupt:  # in a notebook, whose next call would take the answer to this one for its own
                self.close()
                raise

    def _receive(self) -> Any:
        try:
            outcome, value, self.processor_seconds = self._line.recv()
        except (EOFError, OSError):
            code = self._process.own.wait()
            what = f"the process that runs its networks ended with code {code}"
            remedy = "What it printed says why; without a word the memory was too little: score fewer files at a time."
            raise AttuneError(what, where=self._label, remedy=remedy) from None
        if outcome == "error":
            what, where, remedy = value
            raise AttuneError(what, where=where or self._label, remedy=remedy)
        if outcome == "system":
            raise OSError(*value)
        if outcome == "missing":
            raise ModuleNotFoundError(f"No module named {value!r}", name=value)
        return value
