"""A network that is gone, or is no file, is named with the step that makes it."""

import os

import pytest

from attune.errors import AttuneError
from attune.registry import identity


@pytest.mark.parametrize("place", ["missing", "folder", "pipe"])
def test_a_network_that_cannot_be_read_is_named(tmp_path, place):
    path = tmp_path / identity.WEIGHTS[0]
    {"missing": lambda _: None, "folder": os.mkdir, "pipe": os.mkfifo}[place](path)
    with pytest.raises(AttuneError, match=r"model\.safetensors: .*\n  Run `attune train` (first|again)"):
        identity.digest({"session1": tmp_path}, {})
