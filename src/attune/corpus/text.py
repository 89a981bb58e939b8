"""Text files of unknown encoding, as editors, spreadsheets and other systems save them."""

import codecs
from pathlib import Path

from attune.errors import AttuneError
from attune.storage.files import opened

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\v\x1a")


def read(path: Path) -> str:
    """Return the text of a file in UTF-8, UTF-16 or UTF-32 (with or without a byte order mark), or Latin-1.

    Line endings become ``\\n``.

    Raises:
        AttuneError: it cannot be read, or is not text.
    """
    try:
        with opened(path) as file:
            content = file.read()
    except OSError as error:
        raise AttuneError(f"cannot be read ({error.strerror})", where=path) from None
    text = decoded(content)
    if text is None:
        raise AttuneError("is not a text file", where=path, remedy="Restore it, or remove it.")
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def decoded(content: bytes) -> str | None:
    """Return bytes decoded as text, or None if they are not text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _tried(content, encoding)
    if wide := _wide(content):
        return _tried(content, wide)
    if _CONTROL & set(content):
        return None
    return _tried(content, "utf-8") or _tried(content, "cp1252") or content.decode("latin-1")


def _wide(content: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark: every other byte of Western text is zero."""
    odd, even = content[1::2].count(0), content[0::2].count(0)
    pairs = len(content) // 2
    if len(content) % 2 or not pairs or max(odd, even) < 0.7 * pairs or min(odd, even) > 0.05 * pairs:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _tried(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None
