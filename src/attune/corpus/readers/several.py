"""Several corpora as one, for the protocol ``cross-corpus``: all below ``corpus.root``, each of any kind."""

from pathlib import PurePosixPath
from typing import Any

import pandas as pd
from pydantic import Field, ValidationError

from attune.corpus.contract import About, Corpus, Source
from attune.corpus.tabular.described import common
from attune.corpus.tabular.files import below, within
from attune.corpus.tabular.settings import parsed
from attune.errors import AttuneError
from attune.params import Section, readable
from attune.settings.corpus import Corpus as Settings
from attune.tasks import Tasks, names_of

_NAMED = ("utterance", "dialog", "session", "speaker")
"""Columns whose values get the corpus's name as a prefix to keep them apart."""


class Several(Section):
    """``corpus.several``: each corpus's section by name, with a root below ``corpus.root``."""

    name: str = "several corpora"
    licence: str = ""
    corpora: dict[str, dict[str, Any]] = Field(min_length=2)


def read(source: Source) -> Corpus:
    """Read every corpus.

    Raises:
        AttuneError: a corpus that cannot be read, or is of the kind synthetic or several.
    """
    settings = parsed(Several, source.settings.own, "corpus.several")
    read = {name: _read(name, values, source) for name, values in settings.corpora.items()}
    segments = any(corpus.about.segments for corpus in read.values())
    about = About(
        kind="several",
        name=settings.name,
        licence=settings.licence,
        speakers_known=all(corpus.about.speakers_known for corpus in read.values()),
        sessions_known=all(corpus.about.sessions_known for corpus in read.values()),
        segments=segments,
        tasks=common([corpus.about.tasks for corpus in read.values()]),
        oddities=tuple(dict.fromkeys(oddity for corpus in read.values() for oddity in corpus.about.oddities)),
    )
    read = {name: _only(about.tasks, corpus) for name, corpus in read.items()}
    utterances = pd.concat([_utterances(name, corpus, segments) for name, corpus in read.items()], ignore_index=True)
    ratings = pd.concat([_prefixed(corpus.ratings, name) for name, corpus in read.items()], ignore_index=True)
    notes = pd.concat([corpus.notes for corpus in read.values()], ignore_index=True)
    return Corpus(utterances.sort_values("utterance", ignore_index=True), ratings, about, notes)


def _read(name: str, values: dict[str, Any], source: Source) -> Corpus:
    from attune.corpus.kinds import KINDS

    where = f"corpus.several.corpora.{name}"
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise AttuneError(readable(error), where=where) from None
    if settings.kind not in KINDS or settings.kind in ("synthetic", "several"):
        raise AttuneError(f"a corpus of the kind {settings.kind!r} cannot be one of several", where=where)
    root = below(source.root, source.root / settings.root, what="corpus")
    corpus = KINDS[settings.kind](source._replace(settings=settings, root=root))
    folder = PurePosixPath(within(source.root, root)) / corpus.about.audio_folder
    moved = corpus.utterances["audio"].map(lambda audio: (folder / audio).as_posix(), na_action="ignore")
    return corpus._replace(utterances=corpus.utterances.assign(audio=moved))


def _only(tasks: Tasks, corpus: Corpus) -> Corpus:
    """Return the corpus without the ratings of other tasks."""
    others = [name for name in names_of(corpus.about.tasks) if name not in names_of(tasks)]
    return corpus._replace(
        utterances=corpus.utterances.drop(columns=others), ratings=corpus.ratings.drop(columns=others)
    )


def _utterances(name: str, corpus: Corpus, segments: bool) -> pd.DataFrame:
    table = _prefixed(corpus.utterances, name).assign(corpus=name)
    if segments and not corpus.about.segments:  # its times are positions in a dialog, not parts of the recording
        table = table.assign(start=float("nan"), end=float("nan"))
    return table


def _prefixed(table: pd.DataFrame, name: str) -> pd.DataFrame:
    named = {column: name + ":" + table[column].astype("str") for column in _NAMED if column in table}
    return table.assign(**named)
