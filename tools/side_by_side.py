"""`make run`: the whole graph, several folds trained and tested at once, as many as there are cores for.

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
JUDGES = [["attention"], ["evaluate"]]
"""What follows once everything is predicted; neither waits for the other."""
DVC = str(Path(sys.executable).with_name("dvc"))


def cells(loaded: params.Params) -> list[list[str]]:
    """DVC's stages of every system and fold, in their order; a system's folds one after the other."""
    named = [f"{system}-{fold}" for system in loaded.systems for fold in loaded.folds]
    return [[f"train@{name}", f"predict@{name}"] for name in named]


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
    from attune.steps.published.at_once import at_once  # torch takes a second, which an unchanged run need not wait

    loaded = params.load()
    if (number := at_once(loaded.compute)) > 1:
        with ThreadPoolExecutor(number) as pool:
            if all(pool.map(_run, cells(loaded))):
                list(pool.map(_run, JUDGES))
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


def _run(stages: list[str]) -> bool:
    """Whether all of these stages, one after the other, came to their end."""
    return subprocess.run([DVC, "repro", "--quiet", "--single-item", *stages], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
