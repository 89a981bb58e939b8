"""Escape untrusted text, such as a file name, so that it has no effect on a terminal, a log or a page.

Control characters (escape sequences, returns), bidirectional controls and what cannot be encoded are written as in a
Python literal: ``\\x1b``, ``\\u202e``; a byte of a name that is not UTF-8 as ``\\xff``.
"""

import json
import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
_STEERING = re.compile(f"[{_CONTROL}{_BIDI}\ud800-\udfff]")
_LINES = re.compile("[\t\n]")


def visible(text: object) -> str:
    """Escape text, keeping newlines and tabs.

    Example:
        >>> print(visible("a\\x1b[31m\\u202egnp.wav"))
        a\\x1b[31m\\u202egnp.wav
    """
    return _STEERING.sub(_written, str(text))


def on_a_line(text: object) -> str:
    """Escape text that must stay on one line, such as a name.

    Example:
        >>> print(on_a_line("one.wav\\nerror: two.wav"))
        one.wav\\nerror: two.wav
    """
    return _LINES.sub(_written, visible(text))


def in_json(text: str) -> str:
    """Return equivalent JSON text, with JSON's own escapes for control characters that JSON allows unescaped.

    Example:
        >>> print(in_json('"\u202egnp.wav"'))
        "\\u202egnp.wav"
    """
    return re.sub(f"[\x7f-\x9f\u2028\u2029{_BIDI}\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def as_in_json(error: UnicodeError) -> tuple[str, int]:
    """Replace what an output's encoding lacks by JSON's escapes, which are valid in JSON and readable in a table.

    Example:
        >>> import codecs
        >>> codecs.register_error("as in json", as_in_json)
        >>> "ü 語".encode("ascii", "as in json")
        b'\\\\u00fc \\\\u8a9e'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # Python's surrogate escape for a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return found[0].encode("unicode_escape").decode("ascii")
