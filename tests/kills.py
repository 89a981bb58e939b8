"""Kill steps at random moments and run them again: the same bytes as undisturbed, and nothing beside them.

    python tests/kills.py [--kills 20] [--seed 1] [--steps corpus evaluate]

same       the rerun left exactly the files of an undisturbed run
different  some file has other content: must be 0
left over  a file that an undisturbed run does not leave: must be 0
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from report.report_artifacts import Recipe, build, paths
from report.report_artifacts import params as of_recipe
from steps.made_predictions import make_run, make_validated

from attune.params import Params
from attune.steps import corpus, evaluate, report, validate

SMALL = Params.model_validate(
    {"corpus": {"kind": "synthetic", "synthetic": {"utterances_per_speaker": 4}}, "evaluate": {"resamples": 200}}
)
RECIPE = Recipe(folds=("session1", "session2"), systems=("mtl-att",), utterances_per_speaker=2)
PARAMS = of_recipe(RECIPE)

Step = Callable[[Path], object]


def _corpus(folder: Path) -> None:
    corpus.run(SMALL, root=folder, out=folder / "corpus")


def _validate(folder: Path) -> None:
    validate.run(SMALL, corpus=folder / "corpus", root=folder / "corpus", out=folder / "validated")


def _predicted(folder: Path) -> None:
    utterances = make_validated(folder / "validated")
    for fold in RECIPE.folds:
        make_run(folder / "predictions" / fold, utterances, fold=fold)


def _evaluate(folder: Path) -> None:
    given = {
        "validated": folder / "validated",
        "features": folder / "features",
        "predictions": [folder / "predictions"],
    }
    evaluate.run(PARAMS, **given, metrics=folder / "metrics.json", out=folder / "evaluation")


def _report(folder: Path) -> None:
    report.run(PARAMS, **paths(folder))


STEPS: dict[str, tuple[Step, Step]] = {
    "corpus": (lambda folder: None, _corpus),
    "validate": (_corpus, _validate),
    "evaluate": (_predicted, _evaluate),
    "report": (lambda folder: build(folder, RECIPE), _report),
}
"""What has to be there before a step, and the step."""


def outcomes(folder: Path, step: str, kills: int, seed: int) -> Iterator[str]:
    """Kill a step so often in an empty folder, each time running it again, and say what came of each."""
    before, run = STEPS[step]
    in_a_process(before, folder)
    began = time.monotonic()
    in_a_process(run, folder)
    longest = time.monotonic() - began
    expected, draw = contents(folder), random.Random(seed)
    for _ in range(kills):
        if in_a_process(run, folder, draw.uniform(0, longest)):
            in_a_process(run, folder)
        yield _compared(expected, contents(folder))


def in_a_process(run: Step, folder: Path, seconds: float | None = None) -> bool:
    """Run to the end, or so many seconds; returns whether it was killed.

    Raises:
        AssertionError: it failed by itself.
    """
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            run(folder)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or status == 0, "the step failed"
    return os.WIFSIGNALED(status)


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file, hidden ones too, and None for every folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def _compared(expected: dict[str, bytes | None], found: dict[str, bytes | None]) -> str:
    if set(found) - set(expected):
        return f"left over: {min(set(found) - set(expected))}"
    return "same" if found == expected else "different"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    options = parser.parse_args()
    wrong = 0
    for step in options.steps:
        with tempfile.TemporaryDirectory() as name:
            counts = Counter(outcomes(Path(name), step, options.kills, options.seed))
        wrong += options.kills - counts["same"]
        print(f"{step:9} {dict(counts)}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
