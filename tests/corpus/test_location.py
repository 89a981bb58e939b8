from pathlib import Path

import pytest

from attune.corpus.location import RELEASE, audio_root, find_release, named_root
from attune.errors import AttuneError


def test_the_release_is_found_from_itself_and_from_the_folder_above(tmp_path):
    release = tmp_path / RELEASE
    (release / "Session1").mkdir(parents=True)
    assert find_release(release) == release
    assert find_release(tmp_path) == release


def test_audio_lies_in_a_made_corpus_or_else_under_the_root(tmp_path):
    corpus, root = tmp_path / "corpus", tmp_path / "root"
    (root / "Session2").mkdir(parents=True)
    corpus.mkdir()
    assert audio_root(corpus, root) == root
    (corpus / RELEASE / "Session1").mkdir(parents=True)
    assert audio_root(corpus, root) == corpus / RELEASE


def test_a_missing_root_says_so_and_what_it_should_be(tmp_path):
    with pytest.raises(AttuneError, match=r"nowhere: no such folder\n.*Session1 \.\.\. Session5"):
        find_release(tmp_path / "nowhere")


def test_an_empty_root_is_called_empty(tmp_path):
    with pytest.raises(AttuneError, match="it is empty"):
        find_release(tmp_path)


def test_another_layout_is_described_by_what_is_there(tmp_path):
    for name in ("a.wav", "b.wav", "c.wav", "d.wav", "e.wav", "f.wav"):
        (tmp_path / name).touch()
    with pytest.raises(AttuneError, match=r"it holds a\.wav, b\.wav, c\.wav, d\.wav, e\.wav and 1 more"):
        find_release(tmp_path)


def test_a_file_is_no_corpus(tmp_path):
    (tmp_path / "corpus.zip").touch()
    with pytest.raises(AttuneError, match="is a file"):
        find_release(tmp_path / "corpus.zip")


def test_a_tilde_is_the_home_folder_and_nothing_else_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert named_root("~/IEMOCAP") == tmp_path / "IEMOCAP"
    for name in ("$HOME", "R&D", "a b", "it's", 'q"q', "%41", "a~b", "x/~"):
        assert named_root(name) == Path(name)


@pytest.mark.parametrize("text", ["", "a\0b", "~nobody-of-this-name/x"])
def test_a_root_that_can_be_no_folder_is_refused(text):
    with pytest.raises(AttuneError, match=r"corpus\.root"):
        named_root(text)
