"""Kubernetes objects held against the types that the official Python client was generated with."""

import re
from collections.abc import Iterator
from typing import Any

from kubernetes import client

PLAIN = {"str": str, "int": int, "bool": bool, "object": object}
LIST, MAPPING = re.compile(r"list\[(.+)\]"), re.compile(r"dict\(str, (.+)\)")


def faults(document: dict[str, Any]) -> list[str]:
    """What an API server would refuse: an unknown kind or field, a wrong type, a missing required field."""
    version, kind = document["apiVersion"], document["kind"]
    model = getattr(client, version.rpartition("/")[2].capitalize() + kind, None)
    return [f"{version} {kind}: unknown kind"] if model is None else list(_object(document, model, kind))


def _object(value: Any, model: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is not an object"
        return
    names = {key: name for name, key in model.attribute_map.items()}
    yield from (f"{where}.{key}: unknown field" for key in value if key not in names)
    known = {names[key]: item for key, item in value.items() if key in names}
    for name, item in known.items():
        yield from _value(item, model.openapi_types[name], f"{where}.{model.attribute_map[name]}")
    try:
        model(**known)
    except ValueError as error:
        yield f"{where}: {error}"


def _value(value: Any, kind: str, where: str) -> Iterator[str]:
    if match := LIST.fullmatch(kind) or MAPPING.fullmatch(kind):
        if not isinstance(value, list if kind.startswith("list") else dict):
            yield f"{where}: {value!r} is not a {kind}"
            return
        items = enumerate(value) if isinstance(value, list) else value.items()
        for key, item in items:
            yield from _value(item, match[1], f"{where}[{key}]")
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]):
            yield f"{where}: {value!r} is not a {kind}"
    else:
        yield from _object(value, getattr(client, kind), where)
