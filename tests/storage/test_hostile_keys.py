"""No name in a bucket or a listing of DVC's ever becomes a path outside the folder that is fetched into."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.errors import AttuneError
from attune.storage import addresses, object_store

HOSTILE = ("/etc/x", "//x", "a//b", "../x", "a/../../x", "..", ".", "a/./b", "a\0b", "", "a/", "/")
STRANGE = ("a b", "..x", "x..", "ü/é", "a\\..\\b", "~root/x", "$HOME", "-rf", "a:b", "%2e%2e/x")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused(tmp_path, name):
    with pytest.raises(AttuneError, match="may not lead out"):
        addresses.inside(tmp_path, name)


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_name_is_a_file_inside(tmp_path, name):
    path = addresses.inside(tmp_path, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]


@given(st.text(alphabet="/.a\\ ~\0é", max_size=12))
def test_whatever_the_name_the_path_is_inside_or_refused(tmp_path_factory, name):
    folder = tmp_path_factory.getbasetemp() / "into"
    try:
        path = addresses.inside(folder, name)
    except AttuneError:
        return
    assert path.resolve().is_relative_to(folder.resolve())
    assert path != folder


def test_a_link_in_the_folder_is_not_followed_out_of_it(tmp_path):
    (tmp_path / "into").mkdir()
    (tmp_path / "into/link").symlink_to(tmp_path)
    with pytest.raises(AttuneError, match="may not lead out"):
        addresses.inside(tmp_path / "into", "link/x")


class Bucket:
    """Just enough of a client to say what rclone's server cannot keep: keys with empty parts."""

    def __init__(self, keys):
        self.keys, self.fetched = keys, []

    def get_paginator(self, _):
        return self

    def paginate(self, **_):
        return [{"Contents": [{"Key": key, "Size": 1, "ETag": '"x"'} for key in self.keys]}]

    def download_file(self, bucket, key, path):
        self.fetched.append(path)


@pytest.mark.parametrize("key", ["corpus//etc/attune-evil", "corpus/../../evil", "corpus//", "corpus/a//b"])
def test_a_folder_with_a_hostile_key_is_refused_as_a_whole(tmp_path, monkeypatch, key):
    bucket = Bucket(["corpus/good", key])
    monkeypatch.setattr(object_store, "connect", lambda: bucket)
    with pytest.raises(AttuneError, match="may not lead out"):
        addresses.fetch("s3://bucket/corpus", tmp_path / "out")
    assert bucket.fetched == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("listing", ["{", "[1]", '[{"relpath": "a"}]', '[{"relpath": "a", "md5": "../../x"}]', "{}x"])
def test_a_damaged_or_hostile_listing_is_one_message(s3, tmp_path, listing):
    s3.client().put_object(Bucket=s3.bucket, Key="dvc/files/md5/ab/cd.dir", Body=listing.encode())
    with pytest.raises(AttuneError, match="is not a DVC listing"):
        addresses.fetch(f"dvc+s3://{s3.bucket}/dvc/files/md5/ab/cd.dir", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["/tmp/evil", "a//b", "..", "x/../../evil"])
def test_a_listing_with_a_hostile_name_writes_nothing(s3, tmp_path, name):
    md5 = hashlib.md5(b"x").hexdigest()
    s3.client().put_object(Bucket=s3.bucket, Key=f"dvc/files/md5/{md5[:2]}/{md5[2:]}", Body=b"x")
    body = json.dumps([{"relpath": name, "md5": md5}]).encode()
    s3.client().put_object(Bucket=s3.bucket, Key="dvc/files/md5/ab/ef.dir", Body=body)
    with pytest.raises(AttuneError, match="may not lead out"):
        addresses.fetch(f"dvc+s3://{s3.bucket}/dvc/files/md5/ab/ef.dir", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
