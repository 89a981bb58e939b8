"""A compiled pipeline: the text a cluster takes, and what identifies it."""

import hashlib
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from attune.files import whole_file

HEADING = re.compile(r"\A(#.*\n)+")
"""kfp's comment at the top: it repeats what follows, in an order that changes from one process to the next."""


class Package(NamedTuple):
    """A compiled pipeline."""

    name: str
    text: str

    @property
    def version(self) -> str:
        """The same for the same pipeline, whichever kfp compiled it."""
        return hashlib.sha256(re.sub(r"(?m)^sdkVersion: .*\n", "", self.text).encode()).hexdigest()[:12]

    def write(self, path: Path) -> None:
        """Write the text; a folder is no place for it, and half a file is never left."""
        with whole_file(path) as file:
            file.write_text(self.text, encoding="utf-8")


def compiled(pipeline: Any) -> Package:
    """Compile what `build` of a pipeline module returned."""
    from kfp import compiler

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pipeline.yaml"
        compiler.Compiler().compile(pipeline, str(path))
        text = path.read_text(encoding="utf-8")
    return Package(str(pipeline.name), HEADING.sub("", text))
