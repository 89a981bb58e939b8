"""registered.json: the model version that `attune register` created, and where."""

from pathlib import Path
from typing import NamedTuple

from attune.artifacts import records
from attune.artifacts.door import reading
from attune.storage.files import whole_file

FILE = "registered.json"
_STEP = "register"


class Registered(NamedTuple):
    """A model version in a registry: the model's name, its number, the run that made it, the tracking server.

    `version` is None where the model was only tracked; `model` is its digest, by which it is recognised in a registry.
    """

    name: str
    version: str | None
    run_id: str
    tracking_uri: str
    model: str


def write(path: Path, registered: Registered) -> None:
    """Write the file atomically."""
    with whole_file(path) as file:
        records.write_alone(file, registered._asdict())


def read(path: Path) -> Registered:
    """Read what was registered last.

    Raises:
        AttuneError: the file is missing, has changed, or does not name a version.
    """
    values = records.read_alone(path, _STEP)
    with reading(path, _STEP):
        name, version, run_id, uri, model = (values[field] for field in Registered._fields)
        return Registered(str(name), None if version is None else str(version), str(run_id), str(uri), str(model))
