"""Embed bytes and data in an HTML file safely, so that no text of a corpus can become markup."""

import base64
import hashlib
import json
from typing import Any

from markupsafe import Markup

_HARMLESS = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"}


def script_json(value: Any) -> Markup:
    """Return JSON for ``<script type="application/json">``.

    ASCII only, so U+2028 and the like are escaped, and no ``<``, so neither ``</script>`` nor ``<!--`` can occur.

    Raises:
        ValueError: `value` contains NaN or infinity.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character, escaped in _HARMLESS.items():
        text = text.replace(character, escaped)
    return Markup(text)


def data_uri(content: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def csp_hash(content: str) -> str:
    """Return the source expression with which a Content-Security-Policy allows exactly this inline script or style."""
    digest = base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
