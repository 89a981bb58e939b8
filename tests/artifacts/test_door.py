"""A failing machine is not told as a damaged artefact, nor the other way round."""

import errno
import os
from pathlib import Path

import pytest

from attune.artifacts.door import reading
from attune.errors import AttuneError


def told(error):
    with pytest.raises(AttuneError) as caught, reading(Path("models/model.json"), "train"):
        raise error
    return str(caught.value)


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE, errno.ETIMEDOUT])
def test_a_fault_of_the_machine_asks_nobody_to_make_the_file_again(number):
    said = told(OSError(number, os.strerror(number)))
    assert said.startswith(f"models/model.json: cannot be read ({os.strerror(number)})")
    assert "Check the disk" in said
    assert "attune train" not in said


@pytest.mark.parametrize("error", [OSError("Invalid magic bytes"), NotADirectoryError(20, "x"), ValueError("no")])
def test_what_is_damaged_is_to_be_made_again(error):
    assert "Run `attune train` again." in told(error)
