"""A failing machine is not told as a damaged artefact, nor the other way round."""

import errno
import os
from pathlib import Path

import pytest

from attune.artifacts import metrics, records
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


@pytest.mark.parametrize("replaced", ["file", "SHA256SUMS"])
def test_a_pipe_in_a_files_place_is_refused_instead_of_waited_for(tmp_path, replaced):
    path = tmp_path / "metrics.json"
    records.write(path, {"a": 1})
    place = path if replaced == "file" else tmp_path / "SHA256SUMS"
    place.unlink()
    os.mkfifo(place)
    with pytest.raises(AttuneError, match="attune evaluate"):
        records.read(path, "evaluate")


def test_a_pipe_in_the_place_of_the_scores_copy_is_refused_instead_of_waited_for(tmp_path):
    (tmp_path / "evaluation").mkdir()
    metrics.write(tmp_path / "metrics.json", tmp_path / "evaluation", {"loso5": {}})
    (tmp_path / "evaluation" / "metrics.json").unlink()
    os.mkfifo(tmp_path / "evaluation" / "metrics.json")
    with pytest.raises(AttuneError, match=r"evaluation/metrics\.json: is a pipe(.|\n)*attune evaluate"):
        metrics.read(tmp_path / "metrics.json")


def test_a_link_to_an_endless_device_is_refused(tmp_path):
    (tmp_path / "metrics.json").symlink_to("/dev/zero")
    with pytest.raises(AttuneError, match="a device, not a file"):
        records.read(tmp_path / "metrics.json", "evaluate")
