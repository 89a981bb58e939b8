"""Folders and files at an address: a plain path, `s3://bucket/key`, or what DVC keeps at `dvc+s3://.../<md5>.dir`.

S3 is reached as boto3 is told by the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, ...
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from attune.errors import AttuneError
from attune.files import whole_file, whole_folder

ATTEMPTS = 5
"""Tries per request, with growing pauses between them."""
AT_ONCE = 8
"""Downloads side by side."""

S3, DVC = "s3://", "dvc+"
_BUSY = ("SlowDown", "RequestTimeout", "TooManyRequests")


class Place(NamedTuple):
    """A bucket and what lies in it: one object, or everything below a prefix."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{S3}{self.bucket}/{self.key}"


def is_address(text: str) -> bool:
    """Whether this is no plain path."""
    return text.startswith((S3, DVC)) or "://" in text


def fetch(uri: str, folder: Path) -> Path:
    """Bring what lies at `uri` into `folder`, which is replaced as a whole; return where it is.

    A plain path is returned as it is, not copied. A single object becomes a file in `folder`.

    Raises:
        AttuneError: nothing there, no permission, no answer, an address of another kind.
    """
    if not is_address(uri):
        return _existing(Path(uri))
    if uri.startswith(DVC):
        _fetch_tracked(_place(uri.removeprefix(DVC)), folder)
        return folder
    place = _place(uri)
    client = _client()
    with _answering(uri):
        keys = list(_keys(client, place))
    if not keys:
        raise AttuneError("nothing lies there", where=uri, remedy="Check the address; a folder needs no final slash.")
    single = keys == [place.key]
    with whole_folder(folder) as new, _answering(uri):
        _download(client, place.bucket, [(key, new / _relative(key, place.key, single)) for key in keys])
    return folder / Path(place.key).name if single else folder


def put(source: Path, uri: str) -> None:
    """Copy a file, or everything in a folder, to `uri`; what lay there under the same names is replaced.

    Raises:
        AttuneError: no permission, no such bucket, no answer, an address that cannot be written to.
    """
    _existing(source)
    if not is_address(uri):
        _copy(source, Path(uri))
        return
    if uri.startswith(DVC):
        raise AttuneError("only `dvc push` writes what DVC keeps", where=uri)
    place, client = _place(uri), _client()
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    with _answering(uri):
        for file in files:
            below = "" if file == source else f"/{file.relative_to(source).as_posix()}"
            client.upload_file(str(file), place.bucket, place.key.rstrip("/") + below)


def version(uri: str) -> str:
    """What changes when the bytes at an address change: a digest of names, sizes and entity tags, or DVC's md5.

    Of a folder, a digest of names, sizes and times of change: reading it all would take as long as using it.

    Raises:
        AttuneError: as `fetch`.
    """
    if uri.startswith(DVC):
        return "".join(uri.split("/")[-2:])
    import hashlib

    if is_address(uri):
        place = _place(uri)
        with _answering(uri):
            objects = sorted((held["Key"], held["Size"], held["ETag"]) for held in _objects(_client(), place))
    else:
        objects = sorted(_files(_existing(Path(uri))))
    if not objects:
        raise AttuneError("nothing lies there", where=uri, remedy="Check the address.")
    return hashlib.sha256(json.dumps(objects).encode()).hexdigest()


def localised(arguments: Iterable[str], uri: str, folder: Path) -> list[str]:
    """Command-line arguments with `uri`, where it is an address, replaced by the path it was fetched to."""
    if not is_address(uri):
        return list(arguments)
    path = str(fetch(uri, folder))
    return [path if argument == uri else argument for argument in arguments]


def _files(folder: Path) -> Iterator[tuple[str, int, str]]:
    for path in folder.rglob("*"):
        if path.is_file():
            found = path.stat()
            yield path.relative_to(folder).as_posix(), found.st_size, str(found.st_mtime_ns)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise AttuneError("no such file or folder", where=path)
    return path


def _place(uri: str) -> Place:
    bucket, _, key = uri.removeprefix(S3).partition("/")
    if not uri.startswith(S3) or not bucket or not key:
        raise AttuneError(
            "is not an address that can be read", where=uri, remedy="Use a path, s3://bucket/key, or a DVC revision."
        )
    return Place(bucket, key)


def _client() -> Any:
    from boto3.session import Session
    from botocore.config import Config

    settings = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        connect_timeout=10,
        read_timeout=60,
    )
    return Session().client("s3", config=settings, region_name=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"))


def _objects(client: Any, place: Place) -> Iterator[dict[str, Any]]:
    """The object at the key, or those below it as a folder; never those that merely start with the same letters."""
    folder = place.key.rstrip("/") + "/"
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.key.rstrip("/")):
        for held in page.get("Contents", []):
            if held["Key"] == place.key or (held["Key"].startswith(folder) and not held["Key"].endswith("/")):
                yield held


def _keys(client: Any, place: Place) -> Iterator[str]:
    return (str(held["Key"]) for held in _objects(client, place))


def _relative(key: str, prefix: str, single: bool) -> Path:
    relative = Path(key).name if single else key.removeprefix(prefix.rstrip("/") + "/")
    if ".." in Path(relative).parts:
        raise AttuneError("a key may not lead out of the folder", where=key)
    return Path(relative)


def _download(client: Any, bucket: str, objects: Iterable[tuple[str, Path]]) -> None:
    def one(key: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        client.download_file(bucket, key, str(path))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(one, key, path) for key, path in objects]:
            done.result()


def _fetch_tracked(listing: Place, folder: Path) -> None:
    """DVC keeps a folder as a list of names and md5s, and every file under its md5."""
    root = listing.key.rsplit("/", 2)[0]
    client = _client()
    with whole_folder(folder) as new, _answering(str(listing)):
        held = client.get_object(Bucket=listing.bucket, Key=listing.key)["Body"].read()
        paths = {new / _relative(entry["relpath"], "", single=False): entry["md5"] for entry in json.loads(held)}
        objects = [(f"{root}/{md5[:2]}/{md5[2:]}", path) for path, md5 in paths.items()]
        _download(client, listing.bucket, objects)


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        with whole_file(target) as path:
            shutil.copyfile(source, path)
    else:
        with whole_folder(target) as path:
            shutil.copytree(source, path, dirs_exist_ok=True)


@contextmanager
def _answering(uri: str) -> Iterator[None]:
    """Turn whatever the S3 client raises into one message that names the address and what to do."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError

    credentials = "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do."
    try:
        yield
    except NoCredentialsError:
        raise AttuneError("no credentials for S3", where=uri, remedy=credentials) from None
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        refused = code in ("403", "AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId")
        remedy = credentials if refused else "Check the address, and that AWS_ENDPOINT_URL names the right server."
        busy = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500 or code in _BUSY
        raise AttuneError(f"S3 answers {code}", where=uri, remedy=remedy, passes=busy) from None
    except (BotoCoreError, Boto3Error) as error:
        remedy = "Check that the server runs and that AWS_ENDPOINT_URL names it."
        unanswered = isinstance(error, HTTPClientError)
        raise AttuneError(f"S3 does not do as asked ({error})", where=uri, remedy=remedy, passes=unanswered) from None
