"""A process of its own for a registered version, in which `import attune` finds the code that the version ships."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from attune.artifacts import sums
from attune.artifacts.door import reading

_PATIENT = {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONDONTWRITEBYTECODE": "1"}
"""Threads that wait for one another sleep: on a busy machine, those that spin take ten times as long. And nothing is
written among a version's files, which may be the registry's own."""

_START = """
import importlib.util, runpy, sys
package = sys.argv.pop(1)
spec = importlib.util.spec_from_file_location("program", f"{package}/__init__.py", submodule_search_locations=[package])
sys.modules["program"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["program"])
runpy.run_module("program", run_name="__main__", alter_sys=True)
"""


def check(files: Path) -> None:
    """Refuse code among a version's `files` that is not the code it was registered with.

    Raises:
        AttuneError: a file of it is damaged, missing, or was added; versions of attune 0.1 list none, and pass.
    """
    code = files / "code/attune"
    if (code / sums.SUMS).exists():
        with reading(code, "register"):
            sums.check_tree(code, ".py")


def command(program: Path, arguments: Sequence[str]) -> list[str]:
    """The command that runs a package of this installation (a folder with `__main__.py`) under a version's code.

    The package imports its neighbours relatively, and attune as the version has it.
    """
    return [sys.executable, "-P", "-c", _START, str(program), *arguments]


def environment(files: Path | None = None, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of such a process, which put the code among a version's `files` before the installed one.

    Without `files` the process puts it there itself, as soon as it knows them.
    """
    paths = [str(files / "code") if files else "", os.environ.get("PYTHONPATH", "")]
    return {**_PATIENT, **os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **(more or {})}
