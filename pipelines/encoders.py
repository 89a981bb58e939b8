"""Where the encoder of ssl-att is: besides the corpus, the only input that a run does not create itself."""

from pathlib import Path, PurePosixPath

from attune.errors import AttuneError
from attune.features.of_systems import ENCODER, OF_SYSTEM
from attune.params import Params
from pipelines.settings import Settings


def is_taken(params: Params) -> bool:
    """Whether a system uses an encoder."""
    return ENCODER in map(OF_SYSTEM.get, params.systems)


def check_reachable(params: Params, settings: Settings) -> None:
    """Refuse an encoder folder that is not available in pods.

    Raises:
        AttuneError: a system uses an encoder, and its folder is not on the volume that `features` mounts.
    """
    folder, mount = PurePosixPath(params.ssl.folder), settings.data.mount
    if not is_taken(params) or (settings.data.claim and folder.is_relative_to(mount) and ".." not in folder.parts):
        return
    claim = "" if settings.data.claim else "--set data.claim=CLAIM and "
    raise AttuneError(
        f"no pod has the encoder's folder {params.ssl.folder}",
        where="ssl.folder",
        remedy=f"Put it on the corpus's volume claim, and name it with {claim}-S ssl.folder={mount}/FOLDER.",
    )


def here(params: Params) -> tuple[Params, Path | None]:
    """Return the parameters with the encoder's folder as seen by containers on this machine, and that folder if any.

    Raises:
        AttuneError: a system uses an encoder, and its folder does not exist.
    """
    if not is_taken(params):
        return params, None
    folder = Path(params.ssl.folder).resolve()
    if not folder.is_dir():
        raise AttuneError("no such folder", where=f"ssl.folder: {folder}", remedy="ssl-att needs an encoder on disk.")
    return params.model_copy(update={"ssl": params.ssl.model_copy(update={"folder": str(folder)})}), folder
