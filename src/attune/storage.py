"""Folders and files at an address: a plain path, `s3://bucket/key`, or what DVC keeps at `dvc+s3://.../<md5>.dir`.

S3 is reached as boto3 is told by the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, ...
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from attune import storage_faults
from attune.errors import AttuneError
from attune.files import whole_file, whole_folder

ATTEMPTS = 5
"""Tries per request, with growing pauses between them."""
AT_ONCE = 8
"""Downloads side by side."""
PART = 8 << 20
"""Bytes of a part of a large upload, by which an object's entity tag is made."""
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")

S3, DVC = "s3://", "dvc+"


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
    single, below = keys == [place.key], place.key.rstrip("/") + "/"
    name = place.key.rstrip("/").rpartition("/")[2]
    with whole_folder(folder) as new, _answering(uri):
        _download(
            client, place.bucket, [(key, inside(new, name if single else key.removeprefix(below))) for key in keys]
        )
    return inside(folder, name) if single else folder


def put(source: Path, uri: str) -> None:
    """Copy a file, or everything in a folder, to `uri`; what lay there under the same names is replaced.

    What is there already, byte for byte, is not sent again: an upload that was interrupted goes on. A file arrives
    whole or not at all.

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
        present = {held["Key"]: held for held in _objects(client, place)}
        for file in files:
            below = "" if file == source else f"/{file.relative_to(source).as_posix()}"
            key = place.key.rstrip("/") + below
            if not _is_there(file, present.get(key)):
                client.upload_file(str(file), place.bucket, key, Config=_parts())


def version(uri: str) -> str:
    """What changes when the bytes at an address change: a digest of names, sizes and entity tags, or DVC's md5.

    Of a folder, a digest of names, sizes and times of change: reading it all would take as long as using it.

    Raises:
        AttuneError: as `fetch`.
    """
    if uri.startswith(DVC):
        return "".join(uri.split("/")[-2:])
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

    session = Session()
    own = session._session.get_scoped_config()
    chosen = own.get("s3") if isinstance(own.get("s3"), dict) else {}
    elsewhere = any(os.environ.get(name) for name in _ENDPOINTS) or own.get("endpoint_url")
    style = {"addressing_style": "path" if elsewhere else "auto"}  # servers of one's own seldom answer to BUCKET.HOST
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


def _objects(client: Any, place: Place) -> Iterator[dict[str, Any]]:
    """The object at the key, or those below it as a folder; never those that merely start with the same letters.

    Nor the empty objects by which some tools mark a folder: `a/`, `a_$folder$`, and `a` where there is an `a/b`.
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


def _keys(client: Any, place: Place) -> Iterator[str]:
    return (str(held["Key"]) for held in _objects(client, place))


def inside(folder: Path, relative: str) -> Path:
    """The path below `folder` that a key or a listing names: the only way a name from outside becomes a path.

    Raises:
        AttuneError: it would lead out of the folder, or names no file.
    """
    parts = relative.split("/")
    if "\0" in relative or any(part in ("", ".", "..") for part in parts) or Path(relative).is_absolute():
        raise AttuneError(
            "a key may not lead out of the folder, nor have empty parts",
            where=repr(relative),
            remedy="Rename the object: its key must be plain names between single slashes.",
        )
    path = folder.joinpath(*parts)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise AttuneError("a key may not lead out of the folder", where=repr(relative))
    return path


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
        objects = [
            (f"{root}/{md5[:2]}/{md5[2:]}", inside(new, relative)) for relative, md5 in _listed(held, str(listing))
        ]
        _download(client, listing.bucket, objects)


def _listed(text: bytes, where: str) -> Iterator[tuple[str, str]]:
    """The names and md5s of a folder that DVC keeps."""
    try:
        for entry in json.loads(text):
            relative, md5 = str(entry["relpath"]), str(entry["md5"])
            if not re.fullmatch("[0-9a-f]{32}", md5):
                raise ValueError(md5)
            yield relative, md5
    except (ValueError, TypeError, KeyError) as error:
        raise AttuneError(f"is no listing of DVC's ({error!r})", where=where, remedy="Run `dvc push` again.") from None


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        with whole_file(target) as path:
            shutil.copyfile(source, path)
    else:
        with whole_folder(target) as path:
            shutil.copytree(source, path, dirs_exist_ok=True)


def _parts() -> Any:
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)


def _is_there(file: Path, held: dict[str, Any] | None) -> bool:
    """Whether an object is this very file, as far as its size and entity tag tell; in doubt it is sent again."""
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
def _answering(uri: str) -> Iterator[None]:
    """Turn whatever the S3 client raises into one message: the fault, the address, and what to do."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error) as error:
        said = f"{type(error).__name__}: {error}"
        fault = storage_faults.recognise(said)
        passes = fault.passes or isinstance(error, HTTPClientError) or _is_busy(error)
        what = f"{fault.what} ({' '.join(said.split())})"
        raise AttuneError(what, where=uri, remedy=fault.remedy, passes=passes) from None


def _is_busy(error: Exception) -> bool:
    answer = getattr(error, "response", {}).get("ResponseMetadata", {})
    return bool(answer.get("HTTPStatusCode", 0) >= 500)
