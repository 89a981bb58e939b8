"""Objects in S3: a client configured from the environment, listings, downloads, and faults as one message."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from attune.errors import AttuneError
from attune.storage import faults

SCHEME = "s3://"
ATTEMPTS = 5
"""Attempts per request, with growing pauses between them."""
AT_ONCE = 8
"""Concurrent downloads."""
PART = 8 << 20
"""Bytes per part of a multipart upload, which determines the object's entity tag."""
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")


class Place(NamedTuple):
    """A bucket and a key in it: of one object, or a prefix for everything below."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.key}"


def connect() -> Any:
    """Return an S3 client, configured by boto3's own variables and profiles.

    Raises:
        AttuneError: they name a profile that does not exist, or an invalid address.
    """
    with answering("S3"):
        return _client()


def _client() -> Any:
    from boto3.session import Session
    from botocore.config import Config

    session = Session()
    own = session._session.get_scoped_config()
    chosen = own.get("s3") if isinstance(own.get("s3"), dict) else {}
    elsewhere = any(os.environ.get(name) for name in _ENDPOINTS) or own.get("endpoint_url")
    style = {"addressing_style": "path" if elsewhere else "auto"}  # self-hosted servers seldom answer to BUCKET.HOST
    settings = Config(
        signature_version="s3v4",
        s3={**style, **chosen},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        connect_timeout=10,
        read_timeout=60,
    )
    region = session.region_name or os.environ.get("AWS_REGION") or "us-east-1"
    return session.client("s3", config=settings, region_name=region)


def objects(client: Any, place: Place) -> Iterator[dict[str, Any]]:
    """Yield the object at the key, or those below it as a folder; never those that merely start with the same letters.

    Empty objects that some tools create to mark a folder are left out: `a/`, `a_$folder$`, and `a` if there is `a/b`.
    """
    folder = place.key.rstrip("/") + "/"
    found: list[dict[str, Any]] = []
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.key.rstrip("/")):
        found += [
            held for held in page.get("Contents", []) if held["Key"] == place.key or held["Key"].startswith(folder)
        ]
    folders = {parent for held in found for parent in _parents(held["Key"])}
    yield from (held for held in found if held["Size"] or not _marks_a_folder(held["Key"], folders))


def _parents(key: str) -> Iterator[str]:
    parts = key.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts)))


def _marks_a_folder(key: str, folders: set[str]) -> bool:
    return key.endswith(("/", "_$folder$")) or key in folders


def keys(client: Any, place: Place) -> Iterator[str]:
    """Yield the keys of `objects`."""
    return (str(held["Key"]) for held in objects(client, place))


def download(client: Any, bucket: str, wanted: Iterable[tuple[str, Path]]) -> None:
    """Download objects to the given paths, several at once; the first error ends it."""

    def one(key: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        client.download_file(bucket, key, str(path))

    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for done in [pool.submit(one, key, path) for key, path in wanted]:
            done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def transfer() -> Any:
    """Return the transfer settings: large files are uploaded in parts of PART bytes."""
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)


def is_there(file: Path, held: dict[str, Any] | None) -> bool:
    """Whether an object is identical to the file by size and entity tag; in doubt False, so that it is sent again."""
    if held is None or held["Size"] != file.stat().st_size:
        return False
    md5s = []
    with file.open("rb") as content:
        while part := content.read(PART):
            md5s.append(hashlib.md5(part, usedforsecurity=False))
    if len(md5s) <= 1 and held["Size"] < PART:
        whole = md5s[0] if md5s else hashlib.md5(b"", usedforsecurity=False)
        return str(held["ETag"]).strip('"') == whole.hexdigest()
    joined = hashlib.md5(b"".join(md5.digest() for md5 in md5s), usedforsecurity=False).hexdigest()
    return str(held["ETag"]).strip('"') == f"{joined}-{len(md5s)}"


@contextmanager
def answering(uri: str) -> Iterator[None]:
    """Turn whatever the S3 client raises into one message: the fault, the address, and the remedy."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error, ValueError) as error:
        if type(error) is ValueError and not faults.is_of_an_endpoint(error):
            raise
        said = f"{type(error).__name__}: {error}"
        fault = faults.recognise(said)
        passes = fault.passes or isinstance(error, HTTPClientError) or _is_busy(error)
        what = f"{fault.what} ({' '.join(said.split())})"
        raise AttuneError(what, where=uri, remedy=fault.remedy, passes=passes) from None


def _is_busy(error: Exception) -> bool:
    answer = getattr(error, "response", {}).get("ResponseMetadata", {})
    return bool(answer.get("HTTPStatusCode", 0) >= 500)
