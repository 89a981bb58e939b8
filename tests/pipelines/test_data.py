"""The three ways data comes in, the third through DVC itself, a git repository and an S3 remote."""

import subprocess

import pytest

from attune.errors import AttuneError
from attune.storage import addresses
from pipelines import data


def git(folder, *arguments):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path, s3):
    """Two revisions of a tracked corpus, both pushed: tag `one` and tag `two`."""
    from dvc.repo import Repo

    folder = tmp_path / "repository"
    corpus = folder / "data" / "raw"
    corpus.mkdir(parents=True)
    git(folder, "init", "-q")
    repo = Repo.init(str(folder))
    (folder / ".dvc" / "config").write_text(
        f"[core]\n remote = s\n['remote \"s\"']\n url = s3://{s3.bucket}/dvc\n endpointurl = {s3.address}\n"
    )
    for tag in ("one", "two"):
        (corpus / "Session1.wav").write_text(tag)
        repo = Repo(str(folder))
        repo.add([str(corpus)])
        repo.push()
        git(folder, "add", ".")
        git(folder, "commit", "-qm", tag)
        git(folder, "tag", tag)
    return folder


def test_a_revision_of_tracked_data_is_its_address_its_md5_and_its_files(repository, tmp_path):
    one, two = (data.tracked("data/raw", tag, str(repository)) for tag in ("one", "two"))
    assert one.version != two.version
    for found, content in ((one, "one"), (two, "two")):
        assert found.root.startswith("dvc+s3://")
        assert found.version.endswith(".dir")
        folder = addresses.fetch(found.root, tmp_path / content)
        assert [path.read_text() for path in folder.iterdir()] == [content]


def test_data_that_is_not_there_or_where_no_pod_can_read_it_is_one_message(repository):
    for path, revision in (("data/raw", "three"), ("data/none", "one")):
        with pytest.raises(AttuneError, match="DVC cannot say where it is"):
            data.tracked(path, revision, str(repository))
    (repository / ".dvc" / "config").write_text("[core]\n remote = s\n['remote \"s\"']\n url = /somewhere\n")
    git(repository, "commit", "-qam", "move")
    git(repository, "tag", "moved")
    with pytest.raises(AttuneError, match="no pod can read it"):
        data.tracked("data/raw", "moved", str(repository))


def test_containers_which_run_elsewhere_get_what_is_here_by_its_whole_path(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for named in ("mine", "~/mine", str(tmp_path / "mine")):
        assert data.here(named) == (str(tmp_path / "mine"), tmp_path / "mine")
    assert data.here("s3://bucket/x") == ("s3://bucket/x", None)
    with pytest.raises(AttuneError, match="none: no such file or folder"):
        data.here("none")
