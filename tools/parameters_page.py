"""Generate docs/parameters.md from the models that check params.yaml and from the comments in it.

`make generate` writes the page; a test checks that it matches both.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import annotated_types as limits
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from attune.params import Params

REPOSITORY = Path(__file__).parent.parent
PAGE = REPOSITORY / "docs/parameters.md"
_BEGINNING = """# Parameters

Every key of [params.yaml](../params.yaml): its values, its default and its meaning. A key that is not listed here, a
wrong type or a value outside the limits is an error that names the key. To change one for a single run:
`dvc exp run -S train.epochs=3`. This page is made by `make generate`.
"""


class Key(NamedTuple):
    """One parameter."""

    name: str
    field: FieldInfo
    comment: str


def keys(model: type[BaseModel] = Params, comments: CommentedMap | None = None, prefix: str = "") -> Iterator[Key]:
    """Yield every parameter below `model`, depth first, with its comment in params.yaml."""
    if comments is None:
        comments = YAML().load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        own = _comment(comments, name)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel) and not _inline(comments, name):
            yield from keys(inner, comments.get(name) or CommentedMap(), f"{prefix}{name}.")
        else:
            yield Key(f"{prefix}{name}", field, own)


def page() -> str:
    """Return the whole text of docs/parameters.md."""
    parts = [_BEGINNING]
    section = None
    for key in keys():
        first = key.name.split(".")[0] if "." in key.name else "the run"
        if first != section:
            section = first
            parts.append(f"\n## {section}\n\n| key | value | default | meaning |\n|---|---|---|---|\n")
        parts.append(f"| `{key.name}` | {_values(key.field)} | `{_default(key.field)}` | {key.comment} |\n")
    return "".join(parts)


def _comment(comments: CommentedMap, name: str) -> str:
    tokens = comments.ca.items.get(name)
    text = tokens[2].value if tokens and tokens[2] else ""
    return " ".join(line.strip().lstrip("#").strip() for line in text.split("\n")[:1]).replace("|", "\\|")


def _inline(comments: CommentedMap, name: str) -> bool:
    value = comments.get(name)
    return isinstance(value, CommentedMap) and bool(value.fa.flow_style())


def _values(field: FieldInfo) -> str:
    return ", ".join([_type(field.annotation), *filter(None, map(_limit, field.metadata))]).replace("|", "\\|")


def _type(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if origin is Annotated:
        inner, field = get_args(annotation)
        return f"{_type(inner)} ({', '.join(filter(None, map(_limit, field.metadata)))})"
    if origin is list:
        return "list of " + re.sub(r"number(?= \(|$)", "numbers", _type(get_args(annotation)[0]))
    if origin is dict:
        return "{" + ": ".join(map(_type, get_args(annotation))) + "}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "{" + ", ".join(annotation.model_fields) + "}"
    if origin is not None and not isinstance(annotation, type):
        return " or ".join(_type(choice) for choice in get_args(annotation))
    return {"str": "text", "float": "number", "int": "whole number", "bool": "true or false", "NoneType": "none"}.get(
        getattr(annotation, "__name__", ""), str(annotation)
    )


def _limit(limit: Any) -> str:
    match limit:
        case limits.Gt(gt=bound):
            return f"above {bound}"
        case limits.Ge(ge=bound):
            return f"at least {bound}"
        case limits.Lt(lt=bound) if isinstance(bound, float | int) and bound < 2**31:  # others only guard overflows
            return f"below {bound}"
        case limits.Le(le=bound):
            return f"at most {bound}"
        case limits.MinLen(min_length=length):
            return f"{length} or more"
    return ""


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "{" + ", ".join(f"{name}: {inner}" for name, inner in value.model_dump().items()) + "}"
    return str(value).replace("'", "") if isinstance(value, dict | list) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
