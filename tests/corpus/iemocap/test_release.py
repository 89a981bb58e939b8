import pytest

from attune.corpus.iemocap.location import RELEASE, find_release
from attune.errors import AttuneError


def test_the_release_is_found_from_itself_and_from_the_folder_above(tmp_path):
    release = tmp_path / RELEASE
    (release / "Session1").mkdir(parents=True)
    assert find_release(release) == release
    assert find_release(tmp_path) == release


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
