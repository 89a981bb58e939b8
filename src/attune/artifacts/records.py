"""JSON objects on disk, indented for people to read."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.storage import sums


def text(values: Mapping[str, Any]) -> str:
    """Return the object as written; NaN and infinity are errors."""
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Write an object into an existing folder."""
    path.write_text(text(values), encoding="utf-8", newline="\n")
    sums.enter(path)


def read(path: Path, step: str) -> dict[str, Any]:
    """Read an object that `step` wrote.

    Raises:
        AttuneError: the file is missing, has changed, or is not a JSON object.
    """
    with reading(path, step):
        return parse(sums.checked(path))


def parse(content: bytes | str) -> dict[str, Any]:
    """Parse a JSON object.

    Raises:
        ValueError: it is not a JSON object, or contains NaN or infinity.
    """
    values = json.loads(content, parse_constant=_refuse)
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    return values


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def write_alone(path: Path, values: Mapping[str, Any]) -> None:
    """Write an object with its own digest inside, for a file that may be moved out of its folder."""
    path.write_text(text({**values, _DIGEST: _digest(values)}), encoding="utf-8", newline="\n")


def read_alone(path: Path, step: str) -> dict[str, Any]:
    """Read an object with its own digest inside, which is left out of the result.

    Raises:
        AttuneError: the file is missing, is not a JSON object, or has changed.
    """
    with reading(path, step):
        values = parse(path.read_bytes())
        digest = values.pop(_DIGEST, None)  # registries still contain models by attune 0.1, which wrote none
        if digest not in (None, _digest(values)):
            raise AttuneError(f"is damaged or was edited: its {_DIGEST} is that of another object", where=path)
        return values


_DIGEST = "sha256"


def _digest(values: Mapping[str, Any]) -> str:
    """Return the digest of the object's content, regardless of its formatting."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, allow_nan=False).encode()).hexdigest()
