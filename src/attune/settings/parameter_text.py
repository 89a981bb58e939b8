"""Read parameters from text (YAML from a file, or JSON), and describe what is wrong with them.

The text is untrusted. Whatever fails in a parser becomes one error, and no text, however nested or repetitive, makes an
error longer than a few lines.
"""

import difflib
import json
import re
import reprlib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attune.errors import AttuneError

_LARGEST = 1 << 20  # characters; ours has three thousand
_SHOWN = 120  # characters of a value or a message
_PROBLEMS = 10
_GIVEN = "parameters given as JSON"
_FORM = {
    "YAML": "Write sections with their keys below them, indented by spaces, as the repository's params.yaml does.",
    "JSON": 'Write it as {"train": {"seed": 2}}, or give the name of a YAML file.',
}
_TRIED = re.compile(r"literal\[|constrained-|\[key\]")
"""What pydantic appends to a key's location for union types, or for faults of the key's name."""


def read(source: str | Path) -> tuple[dict[str, Any], str]:
    """Read the sections from a YAML file, or from JSON text that starts with ``{``; also return where, for messages.

    Raises:
        AttuneError: no such file, or it is not a YAML mapping.
    """
    text, where = _text(source)
    if len(text) > _LARGEST:
        most = f"{_LARGEST} are allowed"
        raise AttuneError(f"has {len(text)} characters; {most}", where=where, remedy="Name a file of parameters.")
    values = _parse(text, where)
    if values is None:
        return {}, where
    if not isinstance(values, dict):
        raise AttuneError("must be a mapping of sections", where=where, remedy=_FORM["YAML"])
    return {_name(key, where): value for key, value in values.items()}, where


def _text(source: str | Path) -> tuple[str, str]:
    if str(source).lstrip().startswith("{"):
        return str(source), _GIVEN
    try:
        return Path(source).read_text(encoding="utf-8"), str(source)
    except FileNotFoundError:
        raise AttuneError(
            "no such parameter file", where=source, remedy="Run in the repository, or name one with --params FILE."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise AttuneError("is not UTF-8", where=f"{source}:{line}", remedy="Save the file as UTF-8.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error  # without the file name, which may be of any length
        check = "Name a file of YAML, and check its permissions."
        raise AttuneError(f"cannot be read as text ({reason})", where=reprlib.repr(str(source)), remedy=check) from None


def _parse(text: str, where: str) -> Any:
    from ruamel.yaml import YAML  # YAML 1.2, which reads 1e-05 as a number; DVC writes it so

    form = "JSON" if where == _GIVEN else "YAML"
    try:
        return json.loads(text) if form == "JSON" else YAML(typ="safe", pure=True).load(text)
    except MemoryError:
        raise
    except Exception as error:  # the parsers may raise anything: ValueError, RecursionError, TypeError, ...
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}" if mark else where
        raise AttuneError(f"is not valid {form}: {_reason(error)}", where=place, remedy=_FORM[form]) from None


def _reason(error: Exception) -> str:
    """Return what a parser says, of YAML's without the place that it appends."""
    parts = getattr(error, "context", None), getattr(error, "problem", None)
    said = " ".join(part for part in parts if part) or str(error)
    return _cut(" ".join(said.split()), 3 * _SHOWN) or type(error).__name__


def _name(key: Any, where: str) -> str:
    if not isinstance(key, str):
        raise AttuneError(f"a section's name is text, not {_shown(key)}", where=where, remedy=_FORM["YAML"])
    return key


def readable(error: ValidationError) -> str:
    """Describe a validation error, with one clause per key, including the values given."""
    problems: dict[str, list[Any]] = {}
    for problem in error.errors():
        problems.setdefault(_key(problem["loc"]), []).append(problem)
    lines = [_clause(key, own) for key, own in list(problems.items())[:_PROBLEMS]]
    if len(problems) > _PROBLEMS:
        lines.append(f"and {len(problems) - _PROBLEMS} more")
    return "; ".join(lines)


def _key(place: tuple[int | str, ...]) -> str:
    """Return a key as written in the file, without the types of a union that pydantic adds."""
    return _cut(".".join(_cut(str(part)) for part in place if not _TRIED.match(str(part))))


def _clause(key: str, problems: list[Any]) -> str:
    first = problems[0]
    if first["type"] == "extra_forbidden":
        return f"unknown parameter '{key}'"
    if first["type"] == "value_error":
        said = _cut(str(first["ctx"]["error"]), 10 * _SHOWN)
        return said if "." not in key or key in said else f"{key}: {said}"
    wanted = ", or ".join(
        [_wanted(first), *(_wanted(other).removeprefix("input should be ") for other in problems[1:])]
    )
    return f"{key}: {wanted}, got {_shown(first['input'])}{_meant(first)}"


def _wanted(problem: Any) -> str:
    if problem["type"] == "model_type":
        return "input should be a mapping of its keys"
    return problem["msg"][0].lower() + _cut(problem["msg"][1:], 3 * _SHOWN)


def _meant(problem: Any) -> str:
    """Suggest the valid choice closest to a mistyped one."""
    if problem["type"] != "literal_error":
        return ""
    choices = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
    close = difflib.get_close_matches(str(problem["input"])[:_SHOWN], choices, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _shown(value: Any) -> str:
    """Format simple values as JSON, and abbreviate nested ones, which may be huge."""
    if isinstance(value, list | dict | set | tuple):
        return _cut(reprlib.repr(value))
    try:
        return _cut(json.dumps(value, default=str))
    except ValueError:  # a number of thousands of digits
        return f"a value of type {type(value).__name__}"


def _cut(text: str, most: int = _SHOWN) -> str:
    printable = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return printable if len(printable) <= most else f"{printable[:most]}..."
