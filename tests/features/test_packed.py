"""Features on disk come back as they were, and damage is named."""

import numpy as np
import pytest

from attune.errors import AttuneError
from attune.features import packed
from attune.features.packed import About, Packed

SHAPE = (2, 3)


def frames(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, *SHAPE))


def write(folder, kind: str = "<f4"):
    about = About("toy", "this", SHAPE, kind, 3)
    folder.mkdir()
    packed.write_part(folder, 0, about, [("a", frames(4, 1)), ("b", frames(1, 2))])
    packed.write_part(folder, 1, about, [("c", frames(2, 3))])
    packed.write_about(folder, about)
    return folder


@pytest.mark.parametrize("kind", ["<f4", "<f2"])
def test_every_utterances_frames_come_back(tmp_path, kind):
    found = Packed(write(tmp_path / "f", kind))
    assert list(found) == ["a", "b", "c"]
    for name, count, seed in (("a", 4, 1), ("b", 1, 2), ("c", 2, 3)):
        assert found.frames(name) == count
        np.testing.assert_array_equal(found[name], frames(count, seed).astype(kind))


def test_a_flipped_bit_names_the_file_and_the_utterance(tmp_path):
    path = write(tmp_path / "f") / "part-00000.bin"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    found = Packed(tmp_path / "f")
    assert found["a"].shape == (4, *SHAPE)
    with pytest.raises(AttuneError, match=r"part-00000\.bin: is damaged at b\n.*attune features"):
        found["b"]


def test_a_missing_part_and_an_utterance_that_is_not_there_say_what_to_run(tmp_path):
    folder = write(tmp_path / "f")
    with pytest.raises(AttuneError, match=r"no features of d\n.*attune features"):
        Packed(folder)["d"]
    (folder / "part-00001.parquet").unlink()
    with pytest.raises(AttuneError, match="features of 2 utterances, not of 3"):
        Packed(folder)


def test_a_folder_without_features_says_what_to_run(tmp_path):
    with pytest.raises(AttuneError, match=r"about\.json: no such file\n.*attune features"):
        Packed(tmp_path)
