"""The server's filters."""

import json


def named(name: str) -> str:
    """Things of that name."""
    return json.dumps({"predicates": [{"operation": "EQUALS", "key": "display_name", "stringValue": name}]})
