"""Folders and files at an address: a plain path, `s3://bucket/key`, or DVC's storage at `dvc+s3://.../<md5>.dir`.

boto3 is configured by the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, ...
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from attune.errors import AttuneError
from attune.storage import leftovers, object_store
from attune.storage.files import whole_file, whole_folder
from attune.storage.leftovers import is_leftover
from attune.storage.object_store import Place

S3, DVC = object_store.SCHEME, "dvc+"
_NOTHING = "there is nothing at this address"


def is_address(text: str) -> bool:
    """Whether the text is an address rather than a plain path."""
    return text.startswith((S3, DVC)) or "://" in text


def fetch(uri: str, folder: Path) -> Path:
    """Download the contents of `uri` to `folder`, which is replaced as a whole; return their path.

    A plain path is returned unchanged, not copied. A single object becomes a file in `folder`.

    Raises:
        AttuneError: nothing there, no permission, no answer, an address of another kind.
    """
    if not is_address(uri):
        return _existing(Path(uri))
    if uri.startswith(DVC):
        _fetch_tracked(_place(uri.removeprefix(DVC)), folder)
        return folder
    place = _place(uri)
    client = object_store.connect()
    with object_store.answering(uri):
        keys = list(object_store.keys(client, place))
    if not keys:
        raise AttuneError(_NOTHING, where=uri, remedy="Check it; a folder needs no final slash.")
    single, below = keys == [place.key], place.key.rstrip("/") + "/"
    name = place.key.rstrip("/").rpartition("/")[2]
    with whole_folder(folder) as new, object_store.answering(uri):
        object_store.download(
            client, place.bucket, [(key, inside(new, name if single else key.removeprefix(below))) for key in keys]
        )
    return inside(folder, name) if single else folder


def put(source: Path, uri: str) -> None:
    """Copy a file, or everything in a folder, to `uri`; existing files of the same names are replaced.

    Files that are there already, byte for byte, are not sent again, so an interrupted upload resumes. Each file is
    written atomically.

    Raises:
        AttuneError: no permission, no such bucket, no answer, an address that cannot be written to.
    """
    _existing(source)
    if not is_address(uri):
        _copy(source, Path(uri))
        return
    if uri.startswith(DVC):
        raise AttuneError(
            "only `dvc push` writes what DVC keeps", where=uri, remedy="Run `dvc push`, or name another address."
        )
    place, client = _place(uri), object_store.connect()
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    with object_store.answering(uri):
        present = {held["Key"]: held for held in object_store.objects(client, place)}
        for file in files:
            below = "" if file == source else f"/{file.relative_to(source).as_posix()}"
            key = place.key.rstrip("/") + below
            if not object_store.is_there(file, present.get(key)):
                client.upload_file(str(file), place.bucket, key, Config=object_store.transfer())


def version(uri: str) -> str:
    """Return text that changes with the bytes at an address: a digest of names, sizes and entity tags, or DVC's md5.

    For a folder, it is a digest of names, sizes and modification times: reading the files would take as long as using
    them. Leftovers in it (`attune.storage.leftovers`) do not count.

    Raises:
        AttuneError: the same as for `fetch`.
    """
    if uri.startswith(DVC):
        return "".join(uri.split("/")[-2:])
    if is_address(uri):
        place = _place(uri)
        with object_store.answering(uri):
            objects = sorted(
                (held["Key"], held["Size"], held["ETag"])
                for held in object_store.objects(object_store.connect(), place)
                if not is_leftover(held["Key"].removeprefix(place.key))
            )
    else:
        objects = sorted(_files(_existing(Path(uri))))
    if not objects:
        raise AttuneError(_NOTHING, where=uri, remedy="Check it.")
    return hashlib.sha256(json.dumps(objects).encode()).hexdigest()


def localised(arguments: Iterable[str], uri: str, folder: Path) -> list[str]:
    """Return the arguments with `uri`, if it is an address, replaced by the path it was downloaded to."""
    if not is_address(uri):
        return list(arguments)
    path = str(fetch(uri, folder))
    return [path if argument == uri else argument for argument in arguments]


def _files(folder: Path) -> Iterator[tuple[str, int, str]]:
    for path, found in leftovers.files(folder):
        yield path, found.st_size, str(found.st_mtime_ns)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise AttuneError("no such file or folder", where=path, remedy="Check the spelling of its name.")
    return path


def _place(uri: str) -> Place:
    bucket, _, key = uri.removeprefix(S3).partition("/")
    if not uri.startswith(S3) or not bucket or not key:
        raise AttuneError(
            "is not an address that can be read", where=uri, remedy="Use a path, s3://bucket/key, or a DVC revision."
        )
    return Place(bucket, key)


def inside(folder: Path, relative: str) -> Path:
    """Return the path below `folder` for a key or listing entry: the only way to turn external names into paths.

    Raises:
        AttuneError: it would lead out of the folder, or does not name a file.
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
        raise AttuneError(
            "a key may not lead out of the folder", where=repr(relative), remedy="Remove the link that leads there."
        )
    return path


def _fetch_tracked(listing: Place, folder: Path) -> None:
    """Download a folder from DVC's storage: a list of names and md5s, with every file stored under its md5."""
    root = listing.key.rsplit("/", 2)[0]
    client = object_store.connect()
    with whole_folder(folder) as new, object_store.answering(str(listing)):
        held = client.get_object(Bucket=listing.bucket, Key=listing.key)["Body"].read()
        objects = [
            (f"{root}/{md5[:2]}/{md5[2:]}", inside(new, relative)) for relative, md5 in _listed(held, str(listing))
        ]
        object_store.download(client, listing.bucket, objects)


def _listed(text: bytes, where: str) -> Iterator[tuple[str, str]]:
    """Yield the names and md5s in DVC's listing of a folder."""
    try:
        for entry in json.loads(text):
            relative, md5 = str(entry["relpath"]), str(entry["md5"])
            if not re.fullmatch("[0-9a-f]{32}", md5):
                raise ValueError(md5)
            yield relative, md5
    except (ValueError, TypeError, KeyError) as error:
        raise AttuneError(f"is not a DVC listing ({error!r})", where=where, remedy="Run `dvc push` again.") from None


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        with whole_file(target) as path:
            shutil.copyfile(source, path)
    else:
        with whole_folder(target) as path:
            shutil.copytree(source, path, dirs_exist_ok=True)
