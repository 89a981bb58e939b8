"""A compiled pipeline: the YAML for a cluster, and its version."""

import hashlib
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from attune.storage.files import whole_file


class _Sorted(yaml.SafeDumper):
    """Sorts keys, even if a package (oyaml, imported by audformat) has patched PyYAML to keep their order."""


_Sorted.add_representer(
    dict, lambda dumper, values: dumper.represent_mapping("tag:yaml.org,2002:map", sorted(values.items()))
)


class Package(NamedTuple):
    """A compiled pipeline."""

    name: str
    text: str

    @property
    def version(self) -> str:
        """A digest of the pipeline, independent of the version of kfp that compiled it."""
        return hashlib.sha256(re.sub(r"(?m)^sdkVersion: .*\n", "", self.text).encode()).hexdigest()[:12]

    def write(self, path: Path) -> None:
        """Write the text atomically."""
        with whole_file(path) as file:
            file.write_text(self.text, encoding="utf-8")


def compiled(pipeline: Any) -> Package:
    """Compile a pipeline returned by `build` of a pipeline module."""
    from kfp import compiler

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pipeline.yaml"
        compiler.Compiler().compile(pipeline, str(path))
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    return Package(str(pipeline.name), yaml.dump_all(documents, Dumper=_Sorted))
