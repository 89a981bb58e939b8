"""The progress display of a training run: a bar on a terminal, one plain line per epoch elsewhere."""

import time
from types import TracebackType

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from attune.terminal import Console
from attune.training.history import Epoch
from attune.training.job import Progress as Batch


class TrainingProgress:
    """Shows epoch, batch, loss, audio seconds per second, time left, and the development UAR after every epoch."""

    def __init__(self, title: str, epochs: int) -> None:
        self._console = Console(stderr=True)
        self._title, self._epochs = title, epochs
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._rows: dict[str, TaskID] = {}
        self._begin_epoch()

    def __enter__(self) -> "TrainingProgress":
        self._bar.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._bar.stop()

    def batch(self, done: Batch) -> None:
        """Move the bar; the time left assumes all epochs, so early stopping can only shorten it."""
        self._audio += done.audio_seconds
        if done.network not in self._rows:
            self._rows[done.network] = self._bar.add_task("", total=done.batches * self._epochs, state="")
        self._bar.update(
            self._rows[done.network],
            description=f"{self._title} {done.network}",
            completed=(done.epoch - 1) * done.batches + done.batch,
            state=f"epoch {done.epoch}/{self._epochs}  batch {done.batch}/{done.batches}  loss {done.loss:.3f}"
            f"  {self._speed():.0f} s audio/s",
        )

    def epoch(self, record: Epoch) -> None:
        """Print an epoch's results; one read from a checkpoint has no speed."""
        scores = "  ".join(f"{task} {100 * uar:.1f}" for task, uar in record.development_uar.items())
        speed = f"  {self._speed():.0f} s audio/s" if self._audio else ""
        self._console.print(
            f"{self._title} {record.network}  epoch {record.epoch}/{self._epochs}  loss {record.train_loss:.3f}"
            f"  development loss {record.development_loss:.3f}  UAR {scores}{speed}",
            highlight=False,
            soft_wrap=True,
        )
        self._begin_epoch()

    def notice(self, text: str) -> None:
        self._console.print(text, style="yellow", highlight=False, soft_wrap=True)

    def _begin_epoch(self) -> None:
        self._began, self._audio = time.monotonic(), 0.0

    def _speed(self) -> float:
        return self._audio / max(time.monotonic() - self._began, 1e-9)
