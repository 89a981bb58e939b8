"""Text of unknown origin, such as the name of a file, so that a terminal, a log or a page shows it and obeys nothing.

What steers a terminal (escape sequences, returns), turns reading direction round or cannot be encoded is written as
Python writes it in a literal: ``\\x1b``, ``\\u202e``; a byte of a name that is no UTF-8 as ``\\xff``.
"""

import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
_STEERING = re.compile(f"[{_CONTROL}{_BIDI}\ud800-\udfff]")
_LINES = re.compile("[\t\n]")


def visible(text: object) -> str:
    """Text in which lines and tabs are meant as such.

    Example:
        >>> print(visible("a\\x1b[31m\\u202egnp.wav"))
        a\\x1b[31m\\u202egnp.wav
    """
    return _STEERING.sub(_written, str(text))


def on_a_line(text: object) -> str:
    """The same for what is one line, such as a name.

    Example:
        >>> print(on_a_line("one.wav\\nerror: two.wav"))
        one.wav\\nerror: two.wav
    """
    return _LINES.sub(_written, visible(text))


def in_json(text: str) -> str:
    """JSON text of the same meaning, with JSON's own escapes in place of what steers and is legal there as it is.

    Example:
        >>> print(in_json('"\u202egnp.wav"'))
        "\\u202egnp.wav"
    """
    return re.sub(f"[\x7f-\x9f\u2028\u2029{_BIDI}\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return found[0].encode("unicode_escape").decode("ascii")
