"""Error handling for all reading: any library's error becomes one that names the file and the step to rerun."""

import errno
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from attune.errors import AttuneError
from attune.storage.files import mode

T = TypeVar("T")

_OF_THE_MACHINE = (errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.ESTALE, errno.ETIMEDOUT)


def again(step: str) -> str:
    """Return the remedy for a file that a step wrote."""
    return f"Run `attune {step}` again."


@contextmanager
def reading(path: Path, step: str, remedy: str | None = None) -> Iterator[None]:
    """Turn every error of reading and parsing into an AttuneError.

    Args:
        path: the file that is read.
        step: the step that writes it.
        remedy: what to do if it is missing or damaged, where no step writes it.

    Raises:
        AttuneError: the body raised any error; an AttuneError gets the place and remedy that it lacks.
    """
    try:
        kind = mode(path)
        if kind is not None and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):  # reading it might never end
            raise AttuneError("is a pipe, a socket or a device, not a file")
        yield
    except AttuneError as error:
        raise AttuneError(error.what, where=error.where or path, remedy=error.remedy or remedy or again(step)) from None
    except FileNotFoundError:
        raise AttuneError("no such file", where=path, remedy=remedy or f"Run `attune {step}` first.") from None
    except MemoryError:
        raise
    except PermissionError as error:
        raise AttuneError(f"cannot be read ({error.strerror})", where=path, remedy="Check its permissions.") from None
    except Exception as error:  # pandas, pyarrow, json and safetensors each raise their own errors
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:  # the file itself may be intact
            check = "Check the disk, and how many files may be open; then run the same command again."
            raise AttuneError(f"cannot be read ({error.strerror})", where=path, remedy=check) from None
        said = (isinstance(error, OSError) and error.strerror) or repr(error)
        raise AttuneError(f"cannot be read ({said})", where=path, remedy=remedy or again(step)) from None


def legible(folders: Iterable[Path], read: Callable[[Path], T]) -> tuple[dict[Path, T], list[AttuneError]]:
    """Return what `read` makes of each folder, and the errors of the others.

    Of systems and folds that are no longer in the parameters folders are left behind, and the steps that would write
    them again are no longer in the graph: only a caller that misses one raises its error.
    """
    found, errors = {}, []
    for folder in folders:
        try:
            found[folder] = read(folder)
        except AttuneError as error:
            errors.append(error)
    return found, errors
