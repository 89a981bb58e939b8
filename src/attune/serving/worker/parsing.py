"""Parse the bytes of a request into rows, strictly, and with memory bounded by the limits."""

import codecs
import csv
import io
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
from pydantic_core import from_json

SOURCES = ("audio", "path", "samples", "rate", "start", "end")
_FORMATS = ("dataframe_records", "dataframe_split", "inputs", "instances")
_IN_CSV = ("audio", "path", "start", "end")
_ERRORS = ("raise", "column")
_MARKS_A_ROW = 50  # brackets, colons and quotes: JSON that costs memory out of proportion to its bytes
_MARKS = 200
_UNBROKEN = bytes.maketrans(b"\r\n", b"  ")
"""Line breaks in base64, as `base64` and `openssl` write it, are invalid in a JSON string; spaces are valid."""


class Limits(NamedTuple):
    """Limits of one request: rows, and seconds of audio after decoding."""

    rows: int
    seconds: float


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """A request that is answered with an HTTP error status and a message instead of scores."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class Request(NamedTuple):
    """Rows by column name, and the options of the request."""

    rows: list[dict[str, Any]]
    attention: bool = False
    raises: bool = True


def parse(kind: str, body: bytes, limits: Limits) -> Request:
    """Parse a body of `json` or `csv`.

    Raises:
        Refusal: 400 for an invalid request, 413 for too many rows.
    """
    request = Request(_table(body, limits)) if kind == "csv" else _request(_json(body, limits), limits)
    if not request.rows:
        raise Refusal(400, "the request has no rows")
    if len(request.rows) > limits.rows:
        raise _too_many(limits)
    if not any(row.keys() & {"audio", "path", "samples"} for row in request.rows):
        wanted = "audio, path" if kind == "csv" else "audio, path, samples"
        raise Refusal(400, f"none of the columns {wanted} is given")
    for row in request.rows:
        _compact(row)
    return request


def _compact(row: dict[str, Any]) -> None:
    """Turn a list of numbers into an array, an eighth of the memory; anything else is left to be refused later."""
    samples = row.get("samples")
    if isinstance(samples, list) and set(map(type, samples)) <= {int, float}:
        with suppress(OverflowError):
            row["samples"] = np.asarray(samples, dtype=np.float32)


def _json(body: bytes, limits: Limits) -> Any:
    if sum(body.count(mark) for mark in b'[{:"') > _MARKS + _MARKS_A_ROW * limits.rows:
        raise Refusal(413, f"more parts than {limits.rows} rows have; send fewer rows at once")
    if body.count(b",") > 2 * 16_000 * limits.seconds:
        raise Refusal(413, "more numbers than the audio of a request may have; send files in base64 as `audio`")
    try:
        return _strict(body)
    except ValueError as error:
        found = error
    if body.startswith(codecs.BOM_UTF8) or b"\n" in body:
        with suppress(ValueError):
            return _strict(body.removeprefix(codecs.BOM_UTF8).translate(_UNBROKEN))
    raise Refusal(400, f"the body is not JSON ({found}); NaN and Infinity are not JSON numbers")


def _strict(body: bytes) -> Any:
    return from_json(body, allow_inf_nan=False, cache_strings="none")


def _request(body: Any, limits: Limits) -> Request:
    given = [name for name in _FORMATS if isinstance(body, dict) and name in body]
    if len(given) != 1:
        raise Refusal(400, f"the body must be an object with one of {', '.join(_FORMATS)}")
    return Request(_rows(given[0], body[given[0]], limits), *_wanted(body.get("params")))


def _wanted(params: Any) -> tuple[bool, bool]:
    if params is None:
        return False, True
    if not isinstance(params, dict) or not params.keys() <= {"attention", "errors"}:
        raise Refusal(400, "the params are attention and errors")
    attention, errors = params.get("attention", False), params.get("errors", "raise")
    if not isinstance(attention, bool):
        raise Refusal(400, "params: attention must be true or false")
    if errors not in _ERRORS:
        raise Refusal(400, f"params: errors must be one of {', '.join(_ERRORS)}")
    return attention, errors == "raise"


def _rows(form: str, value: Any, limits: Limits) -> list[dict[str, Any]]:
    if form == "dataframe_split":
        return _from_split(value, limits)
    if form == "inputs" and isinstance(value, dict):
        return _from_columns(value)
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return value
    raise Refusal(400, f"{form} must be a list of objects, one per row")


def _from_split(value: Any, limits: Limits) -> list[dict[str, Any]]:
    columns, data = (value.get("columns"), value.get("data")) if isinstance(value, dict) else (None, None)
    if not isinstance(columns, list) or not isinstance(data, list) or not all(isinstance(c, str) for c in columns):
        raise Refusal(400, "dataframe_split must have columns, a list of names, and data, a list of rows")
    if len(data) > limits.rows:
        raise _too_many(limits)
    if not all(isinstance(row, list) and len(row) == len(columns) for row in data):
        raise Refusal(400, "dataframe_split: every row must have a value for each column")
    return [{name: cell for name, cell in zip(columns, row, strict=True) if name in SOURCES} for row in data]


def _from_columns(value: dict[str, Any]) -> list[dict[str, Any]]:
    columns = {name: cells for name, cells in value.items() if name in SOURCES}
    lengths = {len(cells) if isinstance(cells, list) else -1 for cells in columns.values()}
    if lengths == {-1}:
        return [columns]
    if len(lengths) != 1 or -1 in lengths:
        raise Refusal(400, "inputs: every column must be a list of the same length")
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


_ANY_FIELD = 2**31 - 1
"""Characters in a cell; the body's own limit holds before."""


def _table(body: bytes, limits: Limits) -> list[dict[str, Any]]:
    csv.field_size_limit(_ANY_FIELD)  # the process's, so the same for every body
    rows: list[dict[str, Any]] = []
    try:
        for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True):
            if len(rows) == limits.rows:
                raise _too_many(limits)
            rows.append({name: row[name] for name in _IN_CSV if row.get(name)})
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal(400, f"the body is not a table in CSV ({error})") from None
    return rows


def _too_many(limits: Limits) -> Refusal:
    return Refusal(413, f"a request may have {limits.rows} rows; send fewer at once")
