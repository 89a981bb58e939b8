"""A link is followed as far as the corpus' root reaches; what it has outside is refused, for DVC would not see it."""

from pathlib import Path

import pytest
import reading

from attune.corpus.tabular.files import below, within
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


@pytest.mark.parametrize("called", ["root", "../{here}/root", "{above}/{here}/../{here}/root", "link"])
def test_a_path_is_told_from_the_root_however_either_is_written(root, monkeypatch, called):
    monkeypatch.chdir(root.parent)
    (root.parent / "link").symlink_to("root")
    (root / "b.wav").symlink_to("inside/a.wav")
    named = Path(called.format(here=root.parent.name, above=root.parent.parent))
    for path in (root / "inside/a.wav", named / "inside/a.wav", named / "inside/../inside/a.wav"):
        assert within(named, path) == "inside/a.wav"
    assert within(named, named / "b.wav") == "b.wav"


def test_one_of_several_corpora_may_have_an_absolute_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        (tmp_path / "all" / name).mkdir(parents=True)
        (tmp_path / "all" / name / "labels.csv").write_text("audio,arousal\na.wav,3\n")
    own = {"kind": "table", "table": {"files": "labels.csv", "tasks": {"arousal": {}}}}
    corpora = {"one": {**own, "root": "one"}, "two": {**own, "root": str(tmp_path / "all/two")}}
    found = reading.read(Path("all"), "several", several={"corpora": corpora}).utterances
    assert found["audio"].tolist() == ["one/a.wav", "two/a.wav"]
