from pathlib import Path

import pytest
from reading import IEMOCAP

from attune.corpus.contract import write_about
from attune.corpus.location import audio_root, named_root
from attune.errors import AttuneError


def test_audio_that_was_made_is_beside_the_tables_and_found_audio_below_the_root(tmp_path):
    corpus, root = tmp_path / "corpus", tmp_path / "root"
    (root / "sounds").mkdir(parents=True)
    (corpus / "sounds").mkdir(parents=True)
    write_about(IEMOCAP.model_copy(update={"audio_folder": "sounds"}), corpus)
    assert audio_root(corpus, root) == root / "sounds"
    write_about(IEMOCAP.model_copy(update={"audio": "made", "audio_folder": "sounds"}), corpus)
    assert audio_root(corpus, root) == corpus / "sounds"


def test_audio_that_has_moved_away_is_named(tmp_path):
    write_about(IEMOCAP, tmp_path)
    with pytest.raises(AttuneError, match="gone: no such folder"):
        audio_root(tmp_path, tmp_path / "gone")


def test_a_tilde_is_the_home_folder_and_nothing_else_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert named_root("~/IEMOCAP") == tmp_path / "IEMOCAP"
    for name in ("$HOME", "R&D", "a b", "it's", 'q"q', "%41", "a~b", "x/~"):
        assert named_root(name) == Path(name)


@pytest.mark.parametrize("text", ["", "a\0b", "~nobody-of-this-name/x"])
def test_a_root_that_can_be_no_folder_is_refused(text):
    with pytest.raises(AttuneError, match=r"corpus\.root"):
        named_root(text)
