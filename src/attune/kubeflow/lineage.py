"""What a container tells tracking of where it runs, since it has neither git nor DVC."""

import json
from collections.abc import MutableMapping

from attune.environment import DATA_MD5, GIT_CLEAN, GIT_COMMIT

COMMIT = "ATTUNE_COMMIT"
"""Set in our images: forty digits, and `-dirty` where what entered the image was not as committed."""


def announce(environment: MutableMapping[str, str], data_version: str) -> None:
    """Set the variables from which `attune.lineage` makes its tags."""
    if data_version:
        environment[DATA_MD5] = json.dumps({"corpus": data_version})
    if commit := environment.get(COMMIT):
        environment[GIT_COMMIT] = commit.removesuffix("-dirty")
        environment[GIT_CLEAN] = str(not commit.endswith("-dirty")).lower()
