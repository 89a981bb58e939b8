"""A separate process for a registered version, in which `import attune` finds the code shipped with the version."""

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.storage import sums
from attune.tags import FILES

_PATIENT = {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONDONTWRITEBYTECODE": "1"}
"""Waiting threads sleep: on a busy machine, spinning ones take ten times as long. And no bytecode is written into the
version's folder, which may be the registry's own."""

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
_AGAIN = (
    "Restore the version's files where MLflow keeps artifacts, or delete the version in MLflow and register the model "
    "again."
)


def digest(code: Path, weights: Path) -> str:
    """Return the digest, kept in a version's tag, of its checksum lists, which cover every file that is used."""
    lists = [_sha256(folder / sums.SUMS) for folder in (code, weights)]
    return hashlib.sha256(" ".join(lists).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with reading(path, "register", _AGAIN):
        return hashlib.sha256(path.read_bytes()).hexdigest()


def check(files: Path, tags: Mapping[str, str]) -> None:
    """Refuse a version whose code or networks in `files` differ from those it was registered with.

    Args:
        tags: the version's tags.

    Raises:
        AttuneError: a file is damaged, missing, or was added, or it is a model of something else; versions of
            attune 0.1 have no lists, and pass.
    """
    code, weights = files / _CODE, files / _WEIGHTS
    with reading(files, "register", _AGAIN):
        if FILES not in tags and not code.is_dir():
            remedy = "`attune versions` lists the others: those of attune have a system and a commit."
            raise AttuneError(f"was not registered by attune: it has no {_CODE}", where=files, remedy=remedy)
        if FILES in tags and tags[FILES] != digest(code, weights):
            what = f"its files, as {sums.SUMS} in {_CODE} and {_WEIGHTS} list them, are not those of its tag {FILES}"
            raise AttuneError(what, where=files, remedy=_AGAIN)
        if FILES in tags or (code / sums.SUMS).exists():
            sums.check_tree(code, ".py")
        if FILES in tags:
            sums.check_tree(weights, "model.json")


def command(program: Path, arguments: Sequence[str], files: Path | None = None) -> list[str]:
    """Return the command that runs a package of this installation (a folder with `__main__.py`) with a version's code.

    The package imports its own modules relatively, and attune from the version's `files`. Without `files` the process
    calls `own_source.take` itself, as soon as it knows the version.
    """
    code = str(files / "code") if files else ""
    return [sys.executable, "-P", "-c", _START, str(_SOURCE), str(program), code, *arguments]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment variables for such a process."""
    return {**_PATIENT, **os.environ, **(more or {})}
