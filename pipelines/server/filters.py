"""Filters for the server's API."""

import json


def named(name: str) -> str:
    """Return a filter for objects of that name."""
    return json.dumps({"predicates": [{"operation": "EQUALS", "key": "display_name", "stringValue": name}]})
