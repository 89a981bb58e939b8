"""Which files of the package a module needs: itself and all that it imports, read from the code without running it."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import attune

SOURCE = Path(attune.__file__).parent.parent


def files(modules: Iterable[str]) -> set[Path]:
    """The files of `closure`."""
    return {path for module in closure(modules) if (path := file_of(module))}


def closure(modules: Iterable[str]) -> set[str]:
    """These modules of attune and every one they import, at the top or inside a function, with the packages around."""
    found: set[str] = set()
    waiting = set(modules)
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= (_imports(module) | _parents(module)) - found
    return found


def file_of(module: str) -> Path | None:
    """The file of a module or package of ours; None for anything else."""
    base = SOURCE.joinpath(*module.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.exists()), None)


def _imports(module: str) -> set[str]:
    names: set[str] = set()
    path = file_of(module)
    for node in _run(ast.parse(path.read_text(encoding="utf-8"))) if path else ():
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] == "attune" and file_of(name)}


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """The node and those below it, without what only a type checker reads."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _run(child)


def _parents(module: str) -> set[str]:
    parts = module.split(".")
    return {".".join(parts[:depth]) for depth in range(1, len(parts))}
