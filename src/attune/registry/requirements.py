"""What a served version needs: the packages installed now, pinned, and nothing that training alone uses."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from attune.features import kinds

NEEDED = ("mlflow", "numpy", "pandas", "pydantic", "safetensors", "soundfile", "torch", "torchaudio")
"""What the shipped code imports, and the server."""


def needed(system: str) -> tuple[str, ...]:
    """The same, with what a system needs beside: what computes its features, if it takes any."""
    return NEEDED + kinds.PACKAGES.get(kinds.OF_SYSTEM.get(system, system), ())


def pinned(names: Iterable[str]) -> list[str]:
    """`name==version` of every needed package, for pip."""
    return [_pin(name) for name in names]


def pinned_with_dependencies(names: Iterable[str]) -> list[str]:
    """The same for these packages and all that they in turn require here, sorted: a constraints file."""
    found: dict[str, str] = {}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            found[name] = _pin(name)
        except PackageNotFoundError:  # required only on another platform
            continue
        waiting += [requirement.name for requirement in map(Requirement, requires(name) or []) if _applies(requirement)]
    return sorted(found.values())


def _pin(name: str) -> str:
    return f"{name}=={version(name).partition('+')[0]}"


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
