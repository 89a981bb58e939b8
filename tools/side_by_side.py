"""`make run`: the whole graph, several folds trained at once, as many as there are cores for.

DVC runs one stage at a time, and a training of batches this small keeps one core busy and a second one hardly:
on two cores two folds of one thread each take 0.7 of the time of one after the other with two threads. What does not
get done here, for whatever reason, is left to `dvc repro`, which also shows why.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dvc.cli import main as dvc
from dvc.exceptions import DvcException
from dvc.repo import Repo

from attune import params

ASKS = "register"
"""The stage that always runs, because only the registry knows what is in it."""
LOOKS = "data-version"
"""The stage that always runs before all others: a quick look at the corpus."""
DVC = str(Path(sys.executable).with_name("dvc"))


def stages(loaded: params.Params) -> list[str]:
    """DVC's names of all trainings, a system's folds one after the other."""
    return [f"train@{system}-{fold}" for system in loaded.systems for fold in loaded.folds]


def at_once(loaded: params.Params, cores: int) -> int:
    """How many trainings fit the cores; on a GPU one, for it is shared by all."""
    return 1 if loaded.compute.device == "cuda" else max(1, cores // loaded.compute.threads)


def main() -> int:
    """Bring everything before the trainings up to date, then the trainings, then the rest."""
    if not dvc_can_work_in(Path.cwd()):
        print(
            f"error: {os.fsencode(Path.cwd())!r}: DVC cannot work in a folder with braces, or bytes that are not UTF-8,"
            " in its path\n  Rename it, or move the project.",
            file=sys.stderr,
        )
        return 1
    if code := dvc(["repro", "--quiet", "--single-item", LOOKS]):
        return code
    if _changed() - {LOOKS} == {ASKS}:
        return dvc(["repro", "--single-item", ASKS])
    if code := dvc(["repro", "features"]):
        return code
    loaded = params.load()
    number = at_once(loaded, len(os.sched_getaffinity(0)))
    if number > 1:
        with ThreadPoolExecutor(number) as pool:
            list(pool.map(_train, stages(loaded)))
    return dvc(["repro"])


def _changed() -> set[str]:
    """The stages that would run; nothing where DVC cannot tell, which `dvc repro` explains."""
    try:
        with Repo() as repo:
            return set(repo.status())
    except DvcException:
        return set()


def dvc_can_work_in(folder: Path) -> bool:
    """Whether DVC 3 can write this path into its database, and formats it without tripping."""
    return os.fsencode(folder).decode("utf-8", "replace") == str(folder) and not set("{}") & set(str(folder))


def _train(stage: str) -> None:
    subprocess.run([DVC, "repro", "--quiet", "--single-item", stage], check=False)


if __name__ == "__main__":
    sys.exit(main())
