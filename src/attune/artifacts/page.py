"""The page of `attune report`: one self-contained HTML file."""

from pathlib import Path

from attune.storage.files import whole_file

FILE = "index.html"


def write(path: Path, page: str) -> None:
    """Write the file atomically."""
    with whole_file(path) as file:
        file.write_text(page, encoding="utf-8", newline="\n")
