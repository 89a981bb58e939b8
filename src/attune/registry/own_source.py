"""Make `import attune` find a version's code and nothing else in its folder; loaded by path, before attune itself.

The folder is not put on `sys.path`: a `sitecustomize.py`, a `numpy` beside the code, bytecode or a compiled module in
it would run although no checksum list covers it.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType


class _Source(importlib.machinery.SourceFileLoader):
    """Loader that always compiles the source, ignoring any bytecode beside it."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, code: Path) -> None:
        self._code = code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] != "attune":
            return None
        base = self._code.joinpath(*fullname.split("."))
        for file, folders in ((base / "__init__.py", [str(base)]), (base.with_suffix(".py"), None)):
            if file.is_file():
                loader = _Source(fullname, str(file))
                return importlib.util.spec_from_file_location(
                    fullname, file, loader=loader, submodule_search_locations=folders
                )
        raise ModuleNotFoundError(f"the version's code has no {fullname}", name=fullname)


def take(code: str) -> None:
    """Import attune from the folder `code` from now on."""
    sys.meta_path.insert(0, _Finder(Path(code)))
