"""Find the package files that each stage of dvc.yaml depends on: exactly those that its step imports.

`make generate` writes them into dvc.yaml; a test checks that they match. A folder stands for its files
if all of them are imported.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from attune.registry import closure

REPOSITORY = Path(__file__).parent.parent
PACKAGE = REPOSITORY / "src" / "attune"
GRAPH = REPOSITORY / "dvc.yaml"
DATA = {".html", ".css", ".js", ".j2", ".json", ".csv"}
"""Suffixes of the package's files that are read at run time but not imported."""


def files(module: str) -> set[Path]:
    """Return every file that importing `module` may read: all modules it imports, and the data of their packages."""
    code = closure.files([module])
    return code | {path for init in code if init.name == "__init__.py" for path in _data(init.parent)}


def package_files() -> set[Path]:
    """Return every file of the package that a stage could depend on."""
    return {path for path in PACKAGE.rglob("*") if path.suffix in DATA | {".py"} and "__pycache__" not in path.parts}


def dependencies(module: str) -> list[str]:
    """Return the entries for `deps` of a stage: files, or folders all of whose files are used."""
    used = files(module)
    return [f"${{code}}/{path.relative_to(PACKAGE).as_posix()}" for path in sorted(_collapsed(PACKAGE, used))]


def rewritten(graph: str) -> str:
    """Return the text of dvc.yaml with every stage's code dependencies updated."""
    stages = re.split(r"(?m)^(?=  [a-z]+:$)", graph)
    return "".join(_with_dependencies(stage) for stage in stages)


def _with_dependencies(stage: str) -> str:
    name = stage.split(":")[0].strip()
    if not (PACKAGE / "steps" / f"{name}.py").exists():
        return stage
    without = re.sub(r"(?m)^      - \$\{code\}/.*\n", "", stage)
    lines = "".join(f"      - {entry}\n" for entry in dependencies(f"attune.steps.{name}"))
    return re.sub(r"(?m)^    deps:\n((?:      - .*\n)*)", lambda found: f"{found.group(0)}{lines}", without)


def _collapsed(folder: Path, used: set[Path]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path in used:
            yield path
        elif path.is_dir():
            below = {file for file in package_files() if file.is_relative_to(path)}
            if len(below) > 1 and below <= used:
                yield path
            elif below & used:
                yield from _collapsed(path, used)


def _data(package: Path) -> Iterable[Path]:
    for path in package.iterdir():
        if path.suffix in DATA:
            yield path
        elif path.is_dir() and not (path / "__init__.py").exists():
            yield from _data(path)


if __name__ == "__main__":
    GRAPH.write_text(rewritten(GRAPH.read_text(encoding="utf-8")), encoding="utf-8")
