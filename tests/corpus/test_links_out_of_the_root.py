"""A link is followed as far as the corpus' root reaches; what it has outside is refused, for DVC would not see it."""

import pytest

from attune.corpus.tabular.files import below
from attune.errors import AttuneError


@pytest.fixture
def root(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.wav").write_bytes(b"x")
    root = tmp_path / "root"
    (root / "inside").mkdir(parents=True)
    (root / "inside/a.wav").write_bytes(b"x")
    return root


def test_a_link_within_the_root_is_followed(root):
    (root / "b.wav").symlink_to(root / "inside/a.wav")
    assert below(root, root / "b.wav", what="recording").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["b.wav", "folder/a.wav"])
def test_a_link_out_of_the_root_is_refused_by_name(root, name):
    (root / "b.wav").symlink_to(root.parent / "outside/a.wav")
    (root / "folder").symlink_to(root.parent / "outside")
    with pytest.raises(AttuneError, match=rf"{name}: a recording outside corpus.root"):
        below(root, root / name, what="recording")
