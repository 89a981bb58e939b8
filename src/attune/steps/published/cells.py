"""Train and test many systems, folds and seeds, several at once, keeping each when it is done."""

import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from pathlib import Path

from attune import environment
from attune.errors import AttuneError
from attune.parallel.processes import Pool
from attune.params import Params
from attune.steps.published.remaining import Remaining
from attune.terminal import Console

LOG = "log.txt"


@dataclass(frozen=True)
class Cell:
    """One system on one fold with one seed, and the folder that contains its results."""

    system: str
    fold: str
    seed: int
    kept: Path

    @property
    def folder(self) -> Path:
        return self.kept / self.fold / f"seed-{self.seed}"

    @property
    def predictions(self) -> Path:
        return self.folder / "predictions"

    def __str__(self) -> str:
        return f"{self.system}, {self.fold}, seed {self.seed}"


@dataclass(frozen=True)
class Outcome:
    """The seconds that a cell took, or its error: what, where, remedy."""

    seconds: float
    wrong: tuple[str, str, str | None] | None = None


def run_all(params: Params, cells: Sequence[Cell], places: Mapping[str, Path], at_once: int) -> None:
    """Train and predict the remaining cells, `at_once` at a time, printing a line for each with the time left.

    Raises:
        AttuneError: a cell failed (the first error is raised), or the run was interrupted (Ctrl-C). Finished cells are
            kept, and started ones resume from their checkpoints.
    """
    todo = [cell for cell in cells if not cell.predictions.exists()]
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"{len(cells) - len(todo)} of {len(cells)} training runs done, {min(at_once, len(todo))} at once")
    if not todo:
        return
    remaining = Remaining([cell.system for cell in todo], at_once)
    try:
        with Pool(min(at_once, len(todo))) as pool:
            futures = {pool.submit(_run, params, cell, dict(places)): cell for cell in todo}
            for number, future in enumerate(as_completed(futures), start=len(cells) - len(todo) + 1):
                cell = futures[future]
                remaining.took(cell.system, _result(future, cell).seconds)
                console.print(f"{number} of {len(cells)}  {cell}  {remaining}")
    except KeyboardInterrupt:
        raise AttuneError(
            "interrupted (Ctrl-C)", where="paper-table", remedy="The same command resumes where it stopped."
        ) from None


def _run(params: Params, cell: Cell, places: Mapping[str, Path]) -> Outcome:
    """Train and predict a cell in a process of its own."""
    from attune.steps import predict, train

    os.environ[environment.TRACKING] = "off"
    begun = time.monotonic()
    section = params.train.model_copy(update={"seed": cell.seed})
    own = params.model_copy(update={"train": section})
    cell.folder.mkdir(parents=True, exist_ok=True)
    with (cell.folder / LOG).open("a") as log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        try:
            model, checkpoints = cell.folder / "model", cell.folder / "checkpoints"
            train.run(own, system=cell.system, fold=cell.fold, **places, checkpoints=checkpoints, out=model)
            predict.run(own, model=model, **places, out=cell.predictions)
        except AttuneError as error:
            where = f"{cell}: {error.where}" if error.where is not None else str(cell)
            return Outcome(0.0, (error.what, where, error.remedy))
    return Outcome(time.monotonic() - begun)


def _result(future: "Future[Outcome]", cell: Cell) -> Outcome:
    """Return the outcome of a cell.

    Raises:
        AttuneError: it failed.
    """
    try:
        outcome = future.result()
    except Exception as error:  # a killed process, or a bug of ours
        raise AttuneError(
            f"ended without a result ({type(error).__name__}: {error})",
            where=cell,
            remedy=f"See {cell.folder / LOG}. If memory ran out, set compute.threads higher: fewer run at once.",
        ) from None
    if outcome.wrong:
        what, where, remedy = outcome.wrong
        raise AttuneError(what, where=where, remedy=remedy)
    return outcome
