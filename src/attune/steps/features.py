"""Step `features`: compute what systems take instead of the waveform, once for all folds and seeds."""

import hashlib
import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from attune.artifacts.utterances import ACCEPTED
from attune.errors import AttuneError
from attune.features import by_speaker, computing, encoder, encoder_folder, kinds, packed, smile
from attune.features.kinds import Kind
from attune.features.packed import About, Packed
from attune.model import compute
from attune.model.front_ends import lora
from attune.params import Params
from attune.steps.fitting.fold import open_store
from attune.storage.files import alone, whole_folder
from attune.terminal import tracked
from attune.visible import on_a_line
from attune.waveform.store import Store

READS = ("systems", "compute", "ssl")

_NOTHING = About(kinds.NONE, "", ())


def run(params: Params, *, validated: Path, store: Path, checkpoints: Path, out: Path) -> None:
    """Write a folder for each system into `out`: the features it takes, or a note that it takes none.

    Features already in `out` are kept, and an interrupted run resumes from `checkpoints`. Another process that computes
    features there is waited for.

    Raises:
        AttuneError: inputs are missing or damaged, or the library that computes the features is not installed.
    """
    if kinds.IMPORTED in params.systems:
        raise AttuneError(
            f"{kinds.IMPORTED!r} is not trained", where="systems", remedy="`attune import FOLDER` registers one."
        )
    wanted: dict[str, str] = {system: kinds.OF_SYSTEM.get(system, kinds.NONE) for system in params.systems}
    waveforms = open_store(store)
    table = ACCEPTED.read(validated, "utterance", "speaker").sort_values("utterance")
    speakers: dict[str, str] = dict(zip(table["utterance"], table["speaker"], strict=True))
    work = checkpoints / "features"
    with alone(checkpoints):
        places = {
            name: _provided(name, params, waveforms, speakers, work, out)
            for name in dict.fromkeys(wanted.values())
            if name != kinds.NONE
        }
        with whole_folder(out) as folder:
            for system, name in wanted.items():
                if name == kinds.NONE:
                    (folder / system).mkdir()
                    packed.write_about(folder / system, _NOTHING)
                else:
                    computing.link(places[name], folder / system)
        shutil.rmtree(work, ignore_errors=True)
    _summarise(out, wanted)


def _provided(name: str, params: Params, store: Store, speakers: dict[str, str], work: Path, out: Path) -> Path:
    """Return a folder that contains the named features, which are computed if there is none."""
    if name == encoder.KIND:
        return _encoder(params, store, work, out)
    if name == by_speaker.KIND:
        return _by_speaker(store, speakers, work, out)
    return _measured(kinds.measured(name), store, work, out)


def _measured(kind: Kind, store: Store, work: Path, out: Path) -> Path:
    about = computing.about(kind, store)
    place = _place(about, work, out)
    if place.parent == work:
        computing.compute(kind, store, about, place, tracked)
    return place


def _encoder(params: Params, store: Store, work: Path, out: Path) -> Path:
    """Return a folder with a frozen encoder's frames and a copy of it, or only the copy of one to be fine-tuned."""
    source, settings = Path(params.ssl.folder), params.ssl
    read, digest = encoder.read(source), encoder_folder.digest(source)
    if settings.sha256 not in ("", digest):
        raise AttuneError(
            f"is another encoder, of SHA-256 {digest}",
            where=source,
            remedy="Restore the one that ssl.sha256 names, or change ssl.sha256.",
        )
    if isinstance(settings.tuned, int) and settings.tuned >= read.layers:
        raise AttuneError(
            f"ssl.tuned asks for {settings.tuned} transformer layers, and the encoder has {read.layers - 1}",
            where=source,
            remedy="Lower ssl.tuned, or set it to all.",
        )
    if settings.tuned == "lora":
        lora.library()
    print(f"{on_a_line(source)}: {read.family}, SHA-256 {digest}")
    more: dict[str, Any] = {"encoder_sha256": digest, "tuned": settings.tuned}
    if settings.tuned == "none":
        device = compute.prepare(params.compute)
        shape = (read.layers, read.width)
        kind = Kind(encoder.KIND, digest, shape, partial(encoder.encoded, read, device=device), "<f2")
        about = replace(computing.about(kind, store), more=more)
    else:
        more |= {"rank": settings.rank} if settings.tuned == "lora" else {"rate": settings.rate}
        identity = hashlib.sha256(json.dumps(more).encode()).hexdigest()
        about = About(encoder.TUNED, identity, (), more=more)
    place = _place(about, work, out)
    if place.parent == work:
        encoder_folder.copy(source, place / encoder.COPY)
        if settings.tuned == "none":
            computing.compute(kind, store, about, place, tracked)
        else:
            packed.write_about(place, about)
    return place


def _by_speaker(store: Store, speakers: dict[str, str], work: Path, out: Path) -> Path:
    if len(set(speakers.values())) == len(speakers):
        raise AttuneError(
            "egemaps-svm-transductive standardises by speaker, and no speaker has two utterances",
            where="systems",
            remedy="Name the speakers in the corpus's section of params.yaml, or remove it from `systems`.",
        )
    base = kinds.measured(smile.FUNCTIONALS)
    identity = json.dumps([computing.about(base, store).identity, speakers])
    about = About(by_speaker.KIND, hashlib.sha256(identity.encode()).hexdigest(), base.shape, base.type, len(speakers))
    place = _place(about, work, out)
    if place.parent == work:
        place.mkdir(parents=True, exist_ok=True)
        functionals = Packed(_measured(base, store, work, out))
        packed.write_part(place, 0, about, by_speaker.standardised(functionals, speakers))
        packed.write_about(place, about)
    return place


def _place(about: About, work: Path, out: Path) -> Path:
    """Return the folder that has these features already, or the one to compute them in."""
    found = (folder for folder in sorted(out.glob("*/")) if computing.kept(folder, about))
    return next(found, work / about.identity[:16])


def _summarise(out: Path, wanted: dict[str, str]) -> None:
    for system, name in wanted.items():
        print(f"{on_a_line(out / system)}: {'no features, uses the waveform' if name == kinds.NONE else name}")
