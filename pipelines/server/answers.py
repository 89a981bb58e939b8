"""Check that an answer has the shape of Kubeflow's API: the SDK accepts any, and missing fields would fail later."""

import json
from datetime import datetime
from typing import Any

import kfp_server_api


def is_an(kind: str, text: str) -> bool:
    """Whether a text is the JSON of an object of that kind, such as `V2beta1Run`; fields may be absent or null."""
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and _fits(value, kind)


def _fits(value: Any, kind: str) -> bool:
    if kind.startswith("list["):
        return isinstance(value, list) and all(_fits(one, kind[len("list[") : -1]) for one in value)
    if kind.startswith("dict("):
        held = kind[len("dict(str, ") : -1]
        return isinstance(value, dict) and all(one is None or _fits(one, held) for one in value.values())
    if kind == "datetime":
        return _is_moment(value)
    if kind == "str":
        return isinstance(value, str)
    fields = getattr(getattr(kfp_server_api, kind, None), "openapi_types", {})  # none: an enumeration, or anything
    return not fields or (isinstance(value, dict) and _has(value, getattr(kfp_server_api, kind)))


def _has(value: dict[str, Any], model: Any) -> bool:
    given = {name: value.get(key) for name, key in model.attribute_map.items()}
    return all(one is None or _fits(one, model.openapi_types[name]) for name, one in given.items())


def _is_moment(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return False
    return True
