"""Lineage of a container for tracking, since it has neither git nor DVC."""

import json
from collections.abc import MutableMapping

from attune.environment import DATA_MD5, GIT_CLEAN, GIT_COMMIT

COMMIT = "ATTUNE_COMMIT"
"""Set in our images: the commit hash, with `-dirty` if the image was built with uncommitted changes."""


def announce(environment: MutableMapping[str, str], data_version: str) -> None:
    """Set the environment variables from which `attune.lineage` makes its tags."""
    if data_version:
        environment[DATA_MD5] = json.dumps({"corpus": data_version})
    if commit := environment.get(COMMIT):
        environment[GIT_COMMIT] = commit.removesuffix("-dirty")
        environment[GIT_CLEAN] = str(not commit.endswith("-dirty")).lower()
