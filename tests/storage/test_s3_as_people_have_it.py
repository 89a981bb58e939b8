"""Profiles, folder markers, uploads that were interrupted, and S3's many ways to say no."""

from pathlib import Path

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

from attune.errors import AttuneError
from attune.storage import addresses, faults, object_store

pytestmark = pytest.mark.slow


@pytest.fixture
def profile(tmp_path, monkeypatch):
    """A profile of ~/.aws, in whose place only this file is read."""

    def write(text):
        (tmp_path / "config").write_text(f"[profile mine]\n{text}\n")
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION", "AWS_REGION"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_PROFILE", "mine")

    return write


def url(client):
    return client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})


def storage_put(uri):
    addresses.put(Path("config"), uri)


KEYS = "aws_access_key_id = a\naws_secret_access_key = b\n"


def test_the_region_and_the_addressing_of_the_profile_are_kept(profile):
    profile(KEYS + "region = eu-central-1\ns3 =\n  addressing_style = virtual\n")
    client = object_store.connect()
    assert client.meta.region_name == "eu-central-1"
    assert url(client).startswith("https://bucket.s3.eu-central-1.amazonaws.com/key")


def test_a_server_of_ones_own_is_addressed_by_path_unless_the_profile_says_otherwise(profile, monkeypatch):
    profile(KEYS)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://minio:9000")
    client = object_store.connect()
    assert client.meta.region_name == "us-east-1"
    assert url(client).startswith("http://minio:9000/bucket/key")
    profile(KEYS + "endpoint_url = http://minio:9000\ns3 =\n  addressing_style = virtual\n")
    assert url(object_store.connect()).startswith("http://bucket.minio:9000/key")


def test_empty_objects_that_mark_a_folder_are_passed_over_and_empty_files_are_not():
    found = [
        ("corpus", 0),
        ("corpus/", 0),
        ("corpus/a", 0),
        ("corpus/a/x", 3),
        ("corpus/b_$folder$", 0),
        ("corpus/e", 0),
    ]

    class Pages:
        def get_paginator(self, _):
            return self

        def paginate(self, **_):
            return [{"Contents": [{"Key": key, "Size": size} for key, size in found]}]

    kept = [held["Key"] for held in object_store.objects(Pages(), addresses.Place("bucket", "corpus"))]
    assert kept == ["corpus/a/x", "corpus/e"]


def test_an_upload_goes_on_where_it_was_interrupted(s3, tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(name.encode() * 100)
    (tmp_path / "in/large").write_bytes(bytes(range(256)) * 80 * 1024)  # 20 MiB: three parts
    uri, sent = f"s3://{s3.bucket}/out", []
    real = object_store.connect

    def client(fail_at=None):
        made = real()
        upload = made.upload_file

        def counted(path, bucket, key, **extra):
            if key.endswith(fail_at or "nothing"):
                raise S3UploadFailedError("Failed: An error occurred (SlowDown) when calling the PutObject operation")
            sent.append(key)
            upload(path, bucket, key, **extra)

        made.upload_file = counted
        return made

    monkeypatch.setattr(object_store, "connect", lambda: client("/c"))
    with pytest.raises(AttuneError, match="S3 asks for fewer requests"):
        addresses.put(tmp_path / "in", uri)
    assert sent == ["out/a", "out/b"]
    monkeypatch.setattr(object_store, "connect", client)
    addresses.put(tmp_path / "in", uri)
    assert sent == ["out/a", "out/b", "out/c", "out/large"]
    addresses.put(tmp_path / "in", uri)
    assert sent[4:] in ([], ["out/large"])  # a server whose tags of parts are its own gets the large one again
    (tmp_path / "in/a").write_bytes(b"A" * 100)
    addresses.put(tmp_path / "in", uri)
    assert "out/a" in sent[4:]
    assert s3.client().list_multipart_uploads(Bucket=s3.bucket).get("Uploads", []) == []


@pytest.mark.parametrize(
    ("variable", "value", "what"),
    [
        ("AWS_ENDPOINT_URL", "minio:9000", "the address of the S3 server is not valid"),
        ("AWS_PROFILE", "nobody", "there is no such profile in ~/.aws"),
        ("AWS_DEFAULT_REGION", "no region", "the settings of ~/.aws cannot be read"),
    ],
)
@pytest.mark.parametrize("act", [addresses.version, lambda uri: addresses.fetch(uri, Path("out")), storage_put])
def test_settings_that_make_no_sense_are_one_message(profile, monkeypatch, tmp_path, variable, value, what, act):
    profile(KEYS + "region = eu-central-1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, value)
    with pytest.raises(AttuneError, match=what):
        act("s3://bucket/key")


CODES = {
    "ExpiredToken": "the credentials for S3 have expired",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "SlowDown": "S3 asks for fewer requests",
    "503": "S3 asks for fewer requests",
    "NoSuchBucket": "there is no such bucket",
    "QuotaExceeded": "the bucket is full",
    "XMinioStorageFull": "the bucket is full",
    "SignatureDoesNotMatch": "S3 does not know these credentials",
    "InvalidAccessKeyId": "S3 does not know these credentials",
    "AccessDenied": "these credentials may not do that",
    "403": "these credentials may not do that",
    "PermanentRedirect": "the bucket is in another region",
    "EntityTooLarge": "the file is too large for this server",
    "NoSuchKey": "what was listed is no longer there",
    "404": "what was listed is no longer there",
    "SomethingNew": "S3 refused the request",
}


@pytest.mark.parametrize(("code", "what"), CODES.items())
def test_each_code_of_s3_has_its_own_message_and_remedy(code, what):
    raised = ClientError({"Error": {"Code": code, "Message": "as it says"}}, "PutObject")
    with pytest.raises(AttuneError) as caught, object_store.answering("s3://bucket/key"):
        raise raised
    assert str(caught.value).startswith(f"s3://bucket/key: {what} (")
    assert caught.value.remedy
    wrapped = S3UploadFailedError(f"Failed to upload x to y: {raised}")
    with pytest.raises(AttuneError, match=what), object_store.answering("s3://bucket/key"):
        raise wrapped


def test_no_two_faults_have_the_same_remedy():
    remedies = [fault.remedy for fault in faults.FAULTS]
    assert len(set(remedies)) == len(remedies)
