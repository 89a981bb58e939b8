"""A virtual environment with chosen packages and all that they require, linked from this one in seconds."""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

SITE = Path(sysconfig.get_path("purelib"))


def make(folder: Path, names: set[str]) -> Path:
    """Its folder of programs; there is nothing else in it, not even pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    into = folder / SITE.relative_to(sys.prefix)
    for distribution in required(names).values():
        for file in distribution.files or ():
            _link(Path(os.path.normpath(SITE / file)), Path(os.path.normpath(into / file)), folder)
    return folder / "bin"


def required(names: set[str]) -> dict[str, metadata.Distribution]:
    """The distributions of these names, and of what they require on this machine, by name."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [Requirement(name) for name in names]
    while waiting:
        one = waiting.pop()
        key = f"{one.name}[{','.join(sorted(one.extras))}]"
        if key in found:
            continue
        found[key] = metadata.distribution(one.name)
        for needed in map(Requirement, found[key].requires or ()):
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in {"", *one.extras}):
                waiting.append(needed)
    return found


def _link(source: Path, target: Path, environment: Path) -> None:
    if not source.is_file() or target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.parent == Path(sys.prefix) / "bin":
        target.write_bytes(source.read_bytes().replace(sys.prefix.encode(), str(environment).encode()))
        shutil.copymode(source, target)
        return
    try:
        os.link(source, target)
    except OSError:  # on another disk
        shutil.copyfile(source, target)
