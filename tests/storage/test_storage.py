"""Storage against a real S3 server, looked at from outside with a client of the test's own."""

import hashlib
import json
import os

import pytest
from ports import free_port

from attune.errors import AttuneError
from attune.storage import addresses, object_store

pytestmark = pytest.mark.slow


@pytest.fixture
def quick(monkeypatch):
    """Give up at once: one test is enough to see that tries are counted."""
    monkeypatch.setattr(object_store, "ATTEMPTS", 1)


def put_object(s3, key, body=b"x"):
    s3.client().put_object(Bucket=s3.bucket, Key=key, Body=body)


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_comes_back_as_it_was_put(s3, tmp_path):
    files = {"a.wav": b"\x00\x01" * 700, "deep/er/b.txt": "ü".encode(), "empty": b""}
    for name, content in files.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(content)
    addresses.put(tmp_path / "in", f"s3://{s3.bucket}/some/where/")
    assert tree(addresses.fetch(f"s3://{s3.bucket}/some/where", tmp_path / "out")) == files


def test_a_single_object_becomes_a_file_of_its_name(s3, tmp_path):
    (tmp_path / "scores.csv").write_text("a,b\n")
    addresses.put(tmp_path / "scores.csv", f"s3://{s3.bucket}/tables/today.csv")
    assert addresses.fetch(f"s3://{s3.bucket}/tables/today.csv", tmp_path / "out") == tmp_path / "out" / "today.csv"
    assert (tmp_path / "out" / "today.csv").read_text() == "a,b\n"


def test_a_folder_is_not_another_whose_name_begins_like_it(s3, tmp_path):
    put_object(s3, "corpus/a")
    put_object(s3, "corpus-of-others/b")
    assert set(tree(addresses.fetch(f"s3://{s3.bucket}/corpus", tmp_path / "out"))) == {"a"}


def test_objects_beyond_the_first_page_of_a_listing_count(s3):
    folder = s3.folder / s3.bucket / "many"
    folder.mkdir()
    for number in range(1003):
        (folder / f"{number:04}").write_bytes(b"")
    before = addresses.version(f"s3://{s3.bucket}/many")
    (folder / "1002").write_bytes(b"changed")
    assert addresses.version(f"s3://{s3.bucket}/many") != before


def test_a_large_object_goes_in_parts(s3, tmp_path):
    content = bytes(range(256)) * 48 * 1024  # 12 MiB
    (tmp_path / "shard").write_bytes(content)
    addresses.put(tmp_path / "shard", f"s3://{s3.bucket}/shard")
    back = addresses.fetch(f"s3://{s3.bucket}/shard", tmp_path / "out").read_bytes()
    assert hashlib.sha256(back).digest() == hashlib.sha256(content).digest()


def test_what_dvc_keeps_under_md5s_becomes_a_folder_again(s3, tmp_path):
    files = {"Session1/x.wav": b"one", "Session1/y.wav": b"two", "Session2/z.wav": b"one"}
    listing = [{"md5": hashlib.md5(body).hexdigest(), "relpath": name} for name, body in files.items()]
    for body in set(files.values()):
        md5 = hashlib.md5(body).hexdigest()
        put_object(s3, f"dvc/files/md5/{md5[:2]}/{md5[2:]}", body)
    put_object(s3, "dvc/files/md5/ab/cdef.dir", json.dumps(listing).encode())
    address = f"dvc+s3://{s3.bucket}/dvc/files/md5/ab/cdef.dir"
    assert tree(addresses.fetch(address, tmp_path / "out")) == files
    assert addresses.version(address) == "abcdef.dir"


def test_a_listing_cannot_write_outside_its_folder(s3, tmp_path):
    put_object(s3, "dvc/files/md5/ab/evil.dir", json.dumps([{"md5": "0" * 32, "relpath": "../../evil"}]).encode())
    with pytest.raises(AttuneError, match="lead out of the folder"):
        addresses.fetch(f"dvc+s3://{s3.bucket}/dvc/files/md5/ab/evil.dir", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_version_changes_with_the_content_and_only_then(s3):
    put_object(s3, "corpus/a", b"1")
    first = addresses.version(f"s3://{s3.bucket}/corpus")
    assert addresses.version(f"s3://{s3.bucket}/corpus/") == first
    put_object(s3, "corpus/a", b"2")
    second = addresses.version(f"s3://{s3.bucket}/corpus")
    put_object(s3, "corpus/b", b"")
    assert len({first, second, addresses.version(f"s3://{s3.bucket}/corpus")}) == 3


def test_a_failed_fetch_leaves_what_was_there(s3, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("old")
    put_object(s3, "dvc/files/md5/ab/gone.dir", json.dumps([{"md5": "0" * 32, "relpath": "gone"}]).encode())
    with pytest.raises(AttuneError, match="what was listed is no longer there"):
        addresses.fetch(f"dvc+s3://{s3.bucket}/dvc/files/md5/ab/gone.dir", tmp_path / "out")
    assert tree(tmp_path / "out") == {"old": b"old"}


def test_a_plain_path_is_used_where_it_is(tmp_path):
    assert addresses.fetch(str(tmp_path), tmp_path / "unused") == tmp_path
    with pytest.raises(AttuneError, match="no such file"):
        addresses.fetch(str(tmp_path / "nothing"), tmp_path / "unused")


def test_a_folders_version_changes_with_names_sizes_and_times(tmp_path):
    (tmp_path / "a").write_text("1")
    versions = {addresses.version(str(tmp_path))}
    assert versions == {addresses.version(str(tmp_path))}
    (tmp_path / "b").write_text("")
    versions.add(addresses.version(str(tmp_path)))
    os.utime(tmp_path / "a", (1, 1))
    versions.add(addresses.version(str(tmp_path)))
    assert len(versions) == 3


def test_a_plain_path_is_written_to(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_text("a")
    addresses.put(tmp_path / "in", str(tmp_path / "new" / "out"))
    addresses.put(tmp_path / "in" / "a", str(tmp_path / "new" / "b"))
    assert tree(tmp_path / "new") == {"out/a": b"a", "b": b"a"}


def test_addresses_among_arguments_become_paths_and_nothing_else_does(s3, tmp_path):
    put_object(s3, "corpus/a")
    arguments = ["corpus", "--root", f"s3://{s3.bucket}/corpus", "--out", f"s3://{s3.bucket}/other"]
    local = addresses.localised(arguments, f"s3://{s3.bucket}/corpus", tmp_path / "in")
    assert local == ["corpus", "--root", str(tmp_path / "in"), "--out", f"s3://{s3.bucket}/other"]
    assert addresses.localised(arguments, "data/raw", tmp_path / "unused") == arguments


@pytest.mark.parametrize("uri", ["s3://bucket", "s3:///key", "gs://bucket/key", "http://server/file"])
def test_an_address_of_another_kind_is_one_message(s3, tmp_path, uri):
    with pytest.raises(AttuneError, match="not an address that can be read"):
        addresses.fetch(uri, tmp_path / "out")


def test_nothing_at_an_address_is_one_message(s3, tmp_path):
    for ask in (lambda uri: addresses.fetch(uri, tmp_path / "out"), addresses.version):
        with pytest.raises(AttuneError, match=f"s3://{s3.bucket}/nothing: there is nothing at this address"):
            ask(f"s3://{s3.bucket}/nothing")


def test_a_missing_bucket_is_one_message(s3, tmp_path):
    (tmp_path / "a").write_text("a")
    with pytest.raises(AttuneError, match=r"s3://nowhere/key: there is no such bucket .*NoSuchBucket"):
        addresses.put(tmp_path / "a", "s3://nowhere/key")


def test_a_wrong_secret_is_one_message_about_credentials(s3, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(AttuneError, match="SignatureDoesNotMatch") as caught:
        addresses.fetch(f"s3://{s3.bucket}/a", tmp_path / "out")
    assert "AWS_SECRET_ACCESS_KEY" in str(caught.value)


def test_no_credentials_are_one_message(s3, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(AttuneError, match="no credentials for S3"):
        addresses.fetch(f"s3://{s3.bucket}/a", tmp_path / "out")


def test_an_unreachable_server_is_one_message(s3, tmp_path, monkeypatch, quick):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(AttuneError, match="S3 does not answer") as caught:
        addresses.fetch(f"s3://{s3.bucket}/a", tmp_path / "out")
    assert "AWS_ENDPOINT_URL" in str(caught.value)


def test_only_dvc_writes_what_dvc_keeps(tmp_path):
    with pytest.raises(AttuneError, match="dvc push"):
        addresses.put(tmp_path, "dvc+s3://bucket/files/md5/ab/cd.dir")
