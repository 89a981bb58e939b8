"""Requirements of a served version: the packages installed now, pinned, without those that only training uses."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from attune.features import kinds

NEEDED = ("mlflow", "numpy", "pandas", "pydantic", "safetensors", "soundfile", "torch", "torchaudio")
"""Packages that the shipped code and the server import."""


def needed(system: str) -> tuple[str, ...]:
    """Return `NEEDED` plus the packages that compute the system's features, if it uses any."""
    return NEEDED + kinds.PACKAGES.get(kinds.OF_SYSTEM.get(system, system), ())


def pinned(names: Iterable[str]) -> list[str]:
    """Return `name==version` of every package, for pip."""
    return [_pin(name) for name in names]


def pinned_with_dependencies(names: Iterable[str]) -> list[str]:
    """Return the pins of these packages and all their dependencies on this machine, sorted: a constraints file."""
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
