"""Find the package files that a module needs (itself and all its imports) by parsing the code, without running it."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import attune

SOURCE = Path(attune.__file__).parent.parent


def files(modules: Iterable[str]) -> set[Path]:
    """Return the files of the modules in `closure`."""
    return {path for module in closure(modules) if (path := file_of(module))}


def closure(modules: Iterable[str]) -> set[str]:
    """Return these attune modules, all modules they import (also inside functions), and their parent packages."""
    found: set[str] = set()
    waiting = set(modules)
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= (_imports(module) | _parents(module)) - found
    return found


def file_of(module: str) -> Path | None:
    """Return the file of one of our modules or packages; None for anything else."""
    base = SOURCE.joinpath(*module.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.exists()), None)


def _imports(module: str) -> set[str]:
    path = file_of(module)
    if path is None:
        return set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return {name for name in _named(path.read_text(encoding="utf-8"), package) if file_of(name)}


@cache
def _named(code: str, package: str) -> frozenset[str]:
    """Return whatever of attune a file may import, modules or not; the same text is parsed once."""
    names: set[str] = set()
    for node in _run(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            names |= {source} | {f"{source}.{alias.name}" for alias in node.names}
    return frozenset(name for name in names if name.split(".")[0] == "attune")


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """Walk the node and its descendants, skipping `if TYPE_CHECKING` blocks but not what follows their `else`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for other in child.orelse:
                yield from _run(other)
        else:
            yield from _run(child)


def _parents(module: str) -> set[str]:
    parts = module.split(".")
    return {".".join(parts[:depth]) for depth in range(1, len(parts))}
