"""JSON objects on disk, indented as people read them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attune.artifacts import sums
from attune.artifacts.door import reading
from attune.errors import AttuneError


def text(values: Mapping[str, Any]) -> str:
    """The object as it is written; numbers that are none are errors."""
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Write an object into an existing folder."""
    path.write_text(text(values), encoding="utf-8", newline="\n")
    sums.enter(path)


def read(path: Path, step: str) -> dict[str, Any]:
    """An object that `step` wrote.

    Raises:
        AttuneError: the file is missing, is not what was written, or is no JSON object.
    """
    with reading(path, step):
        return parse(sums.checked(path))


def parse(content: bytes | str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        ValueError: it is none, or holds a number that is none.
    """
    values = json.loads(content, parse_constant=_refuse)
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    return values


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def write_alone(path: Path, values: Mapping[str, Any]) -> None:
    """Write an object that carries its own digest, for a file that travels without the folder it was written in."""
    path.write_text(text({**values, _DIGEST: _digest(values)}), encoding="utf-8", newline="\n")


def read_alone(path: Path, step: str) -> dict[str, Any]:
    """An object that carries its own digest, which is left out of what is returned.

    Raises:
        AttuneError: the file is missing, is no JSON object, or is not what was written.
    """
    with reading(path, step):
        values = parse(path.read_bytes())
        digest = values.pop(_DIGEST, None)  # attune 0.1 wrote none into the models that registries still contain
        if digest not in (None, _digest(values)):
            raise AttuneError(f"is damaged or was edited: its {_DIGEST} is that of another object", where=path)
        return values


_DIGEST = "sha256"


def _digest(values: Mapping[str, Any]) -> str:
    """Of what the object means, not of how it is indented."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, allow_nan=False).encode()).hexdigest()
