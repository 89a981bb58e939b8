"""`make run`: run the whole graph, training and testing folds at once.

DVC runs one stage at a time, and training with batches this small hardly uses a second core: on two cores, two folds of
one thread each take 0.7 of the time of one after the other with two threads. Folds outnumber cores, so that no core is
idle while the last fold is trained. Whatever does not get done here is left to `dvc repro`, which also shows why.
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
"""The stage that always runs before all others: a quick check of the corpus."""
PER_CORE = 3
"""Training runs per core, as many as memory allows: on two cores all five folds, and one that is soon done."""
JUDGES = [["attention"], ["evaluate"]]
"""Stages that follow once everything is predicted; they run concurrently."""
DVC = str(Path(sys.executable).with_name("dvc"))


def cells(loaded: params.Params) -> list[list[str]]:
    """Return DVC's stages for every system and fold, ordered by system, then fold."""
    named = [f"{system}-{fold}" for system in loaded.systems for fold in loaded.folds]
    return [[f"train@{name}", f"predict@{name}"] for name in named]


def main() -> int:
    """Update everything before training, then the training runs, then the rest."""
    if not dvc_can_work_in(Path.cwd()):
        print(
            f"error: {os.fsencode(Path.cwd())!r}: DVC cannot work in a folder with braces, or bytes that are not UTF-8,"
            " in its path\n  Rename it, or move the project.",
            file=sys.stderr,
        )
        return 1
    if not in_git(Path.cwd()):
        dvc(["config", "core.no_scm", "true"])
    if code := dvc(["repro", "--single-item", LOOKS]):
        return code
    if _changed() - {LOOKS} == {ASKS}:
        return dvc(["repro", "--single-item", ASKS])
    if code := dvc(["repro", "features"]):
        return code
    from attune.steps.published.at_once import at_once  # imports torch, which takes a second: not if nothing changed

    loaded = params.load()
    if (number := at_once(loaded.compute, PER_CORE)) > 1:
        with ThreadPoolExecutor(number) as pool:
            if all(pool.map(_run, cells(loaded))):
                list(pool.map(_run, JUDGES))
    return dvc(["repro"])


def _changed() -> set[str]:
    """Return the stages that would run; empty if DVC cannot tell, which `dvc repro` explains."""
    try:
        with Repo() as repo:
            return set(repo.status())
    except DvcException:
        return set()


def dvc_can_work_in(folder: Path) -> bool:
    """Whether DVC 3 can store this path in its database and format it without errors."""
    return os.fsencode(folder).decode("utf-8", "replace") == str(folder) and not set("{}") & set(str(folder))


def in_git(folder: Path) -> bool:
    """Whether a folder is in a git checkout; a downloaded archive is not, and DVC has to be told."""
    return any((place / ".git").exists() for place in (folder, *folder.parents))


def _run(stages: list[str]) -> bool:
    """Run these stages one after the other; return whether all succeeded."""
    command = [DVC, "--wait-for-lock", "repro", "--quiet", "--single-item", *stages]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("error: interrupted (Ctrl-C)\n  `make run` resumes where it stopped.", file=sys.stderr)
        sys.exit(130)
