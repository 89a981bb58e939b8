import pytest

from attune.corpus.iemocap.location import RELEASE, child, find_release, session_folders
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


def make(folder, *names):
    for name in names:
        (folder / name / "dialog").mkdir(parents=True)


@pytest.mark.parametrize("names", [("session1", "SESSION2"), ("Session 1", "Session_2"), ("Session01", "Session02")])
def test_sessions_are_found_in_any_spelling(tmp_path, names):
    make(tmp_path, *names)
    assert [path.name for path in session_folders(tmp_path)] == list(names)


@pytest.mark.parametrize("other", ["Session1_old", "session1", "Session1 (copy)", "Session01", "Session1.bak"])
def test_a_second_folder_of_a_session_is_an_error_that_names_both(tmp_path, other):
    make(tmp_path, "Session1", "Session2", other)
    with pytest.raises(AttuneError) as caught:
        session_folders(tmp_path)
    assert f"{other} are both session 1" in str(caught.value) or f"{other} and Session1 are both" in str(caught.value)


def test_a_session_under_another_name_alone_is_not_guessed_at(tmp_path):
    make(tmp_path, "Session1_old", "Session2")
    with pytest.raises(
        AttuneError, match=r"Session1_old: looks like a session under another name\n  Rename it to Session1"
    ):
        session_folders(tmp_path)


def test_a_leftover_that_is_only_named_like_a_session_is_passed_over(tmp_path):
    make(tmp_path, "Session1")
    (tmp_path / "Session1_videos").mkdir()
    (tmp_path / "Session1.zip").touch()
    assert [path.name for path in session_folders(tmp_path)] == ["Session1"]


@pytest.mark.parametrize("nested", ["IEMOCAP_full_release/IEMOCAP_full_release", "corpora/IEMOCAP", "a/b/c"])
def test_a_root_too_high_or_a_doubled_folder_is_seen_through(tmp_path, nested):
    make(tmp_path / nested, "Session1", "Session2")
    assert find_release(tmp_path) == tmp_path / nested


def test_two_copies_below_the_root_are_named(tmp_path):
    make(tmp_path, "IEMOCAP_full_release/Session1", "backup/iemocap/Session1")
    with pytest.raises(AttuneError, match="contains several copies: IEMOCAP_full_release and backup/iemocap"):
        find_release(tmp_path)


@pytest.mark.parametrize("nested", ["", "IEMOCAP_full_release/"])
def test_what_a_zip_archive_of_macos_has_beside_the_release_is_no_second_copy(tmp_path, nested):
    make(tmp_path, f"{nested}Session1", f"__MACOSX/{nested}Session1")
    assert find_release(tmp_path) == tmp_path / nested


def test_a_link_to_the_release_is_no_second_copy(tmp_path):
    make(tmp_path, "IEMOCAP_full_release/Session1")
    (tmp_path / "iemocap").symlink_to("IEMOCAP_full_release")
    (tmp_path / "IEMOCAP_full_release/all").symlink_to(".")
    assert find_release(tmp_path).resolve() == tmp_path / "IEMOCAP_full_release"


def test_a_copy_inside_a_copy_is_a_second_copy(tmp_path):
    make(tmp_path, "Session1", "IEMOCAP_full_release/Session1")
    with pytest.raises(AttuneError, match=r"contains several copies: \. and IEMOCAP_full_release\n.*move the others"):
        find_release(tmp_path)


def test_a_root_inside_a_session_says_where_the_root_is(tmp_path):
    make(tmp_path, "Session3")
    with pytest.raises(AttuneError, match=f"is inside one session\n  Set corpus.root to {tmp_path}"):
        find_release(tmp_path / "Session3" / "dialog")


def test_folders_that_differ_only_in_case_are_named(tmp_path):
    make(tmp_path, "Session1")
    (tmp_path / "Session1" / "Dialog").mkdir()
    with pytest.raises(AttuneError, match="Dialog and dialog differ only in case"):
        child(tmp_path / "Session1", "dialog", "wav")
