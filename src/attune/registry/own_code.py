"""A process of its own for a registered version, in which `import attune` finds the code that the version ships."""

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from attune.artifacts import sums
from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.tags import FILES

_PATIENT = {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONDONTWRITEBYTECODE": "1"}
"""Threads that wait for one another sleep: on a busy machine, those that spin take ten times as long. And nothing is
written among a version's files, which may be the registry's own."""

_START = """
import importlib.util, runpy, sys
def by_path(name, path, folders=None):
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=folders)
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
source, package, code = (sys.argv.pop(1) for _ in range(3))
by_path("own_source", source)
if code:
    sys.modules["own_source"].take(code)
by_path("program", f"{package}/__init__.py", [package])
runpy.run_module("program", run_name="__main__", alter_sys=True)
"""
_SOURCE = Path(__file__).with_name("own_source.py")
_CODE, _WEIGHTS = "code/attune", "artifacts/folds"
_AGAIN = "Restore the version's files where MLflow keeps artifacts, or register the model again."


def digest(code: Path, weights: Path) -> str:
    """What a version's tag says of the lists of its files, which say it of every file that is used."""
    lists = [hashlib.sha256((folder / sums.SUMS).read_bytes()).hexdigest() for folder in (code, weights)]
    return hashlib.sha256(" ".join(lists).encode()).hexdigest()


def check(files: Path, tags: Mapping[str, str]) -> None:
    """Refuse code and networks among a version's `files` that are not those it was registered with.

    Args:
        tags: the version's.

    Raises:
        AttuneError: a file of them is damaged, missing, or was added; versions of attune 0.1 list none, and pass.
    """
    code, weights = files / _CODE, files / _WEIGHTS
    with reading(files, "register"):
        if FILES in tags and tags[FILES] != digest(code, weights):
            what = f"its files, as {sums.SUMS} in {_CODE} and {_WEIGHTS} list them, are not those of its tag {FILES}"
            raise AttuneError(what, where=files, remedy=_AGAIN)
        if FILES in tags or (code / sums.SUMS).exists():
            sums.check_tree(code, ".py")
        if FILES in tags:
            sums.check_tree(weights, "model.json")


def command(program: Path, arguments: Sequence[str], files: Path | None = None) -> list[str]:
    """The command that runs a package of this installation (a folder with `__main__.py`) under a version's code.

    The package imports its neighbours relatively, and attune as the version with these `files` has it. Without `files`
    the process takes it itself, as soon as it knows them: `own_source.take`.
    """
    code = str(files / "code") if files else ""
    return [sys.executable, "-P", "-c", _START, str(_SOURCE), str(program), code, *arguments]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of such a process."""
    return {**_PATIENT, **os.environ, **(more or {})}
