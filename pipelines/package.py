"""A compiled pipeline: the text a cluster takes, and what identifies it."""

import hashlib
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from attune.files import whole_file


class _Sorted(yaml.SafeDumper):
    """Sorts keys, also where a package (oyaml, which audformat imports) has taught PyYAML to keep their order."""


_Sorted.add_representer(
    dict, lambda dumper, values: dumper.represent_mapping("tag:yaml.org,2002:map", sorted(values.items()))
)


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
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    return Package(str(pipeline.name), yaml.dump_all(documents, Dumper=_Sorted))
