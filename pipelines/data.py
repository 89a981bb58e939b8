"""Where a corpus is, and what identifies its bytes."""

from pathlib import Path
from typing import NamedTuple

from attune.errors import AttuneError
from attune.storage import addresses


class Data(NamedTuple):
    """A corpus, as the pipeline's `root` and `data_version`."""

    root: str
    """A folder, s3://..., or dvc+s3://.../<md5>.dir."""
    version: str
    """Changes when the bytes at root do; empty if the first step of a run is to determine it."""


def tracked(path: str, revision: str, repository: str | None = None) -> Data:
    """Return the data that DVC tracks at `path` in a git revision: its address in the remote, which contains its md5.

    Args:
        path: a folder tracked by DVC, relative to the repository.
        revision: a commit, tag or branch.
        repository: a path or URL; None for the current one.

    Raises:
        AttuneError: no such path or revision, no remote, or a remote that pods could not read.
    """
    import dvc.api
    from dvc.exceptions import DvcException
    from dvc.scm import SCMError

    where = f"{path} at {revision}"
    try:
        address = dvc.api.get_url(path, repo=repository, rev=revision)
    except (DvcException, SCMError, FileNotFoundError) as error:
        raise AttuneError(
            f"DVC cannot say where it is ({error})",
            where=where,
            remedy="Check the path, the revision and the remote (dvc list . --rev REV --dvc-only; dvc remote list).",
        ) from None
    if not address.startswith(addresses.S3) or not address.endswith(".dir"):
        raise AttuneError(
            f"is at {address}, where no pod can read it as a folder",
            where=where,
            remedy="Track the folder, and push it to a remote at s3://: dvc push --remote NAME.",
        )
    root = addresses.DVC + address
    return Data(root, addresses.version(root))


def here(where: str) -> tuple[str, Path | None]:
    """Return where data is as seen by containers on this machine, and the path to mount if it is not an address.

    Raises:
        AttuneError: there is nothing at that path.
    """
    if addresses.is_address(where):
        return where, None
    path = Path(where).expanduser().resolve()
    if not path.exists():
        raise AttuneError(
            "no such file or folder", where=path, remedy="Name the data: --data FOLDER, or -A audio=PATH."
        )
    return str(path), path
