"""Recordings and a table with one row per utterance, whose columns are named in ``corpus.table``."""

from pathlib import Path

from attune.corpus.contract import About, Corpus, Source
from attune.corpus.rows import rating_table
from attune.corpus.tabular import files, oddities, rows
from attune.corpus.tabular.settings import Table, parsed
from attune.errors import AttuneError


def read(source: Source) -> Corpus:
    """Read the tables below ``corpus.root``.

    Raises:
        AttuneError: no such table or column, a cell that is not a number, or a recording outside the root.
    """
    return read_table(parsed(Table, source.settings.own, "corpus.table"), source.root)


def read_table(settings: Table, root: Path) -> Corpus:
    """Read the tables below `root` that `settings` describe; raises the same as `read`."""
    if not root.is_dir():
        raise AttuneError("no such folder", where=root, remedy="Set corpus.root to where the recordings are.")
    table = files.read(root, _names(settings.files))
    if table.empty:
        raise AttuneError("has no rows below its header", where=root / _names(settings.files)[0])
    utterances = rows.utterances(
        table, settings.columns, settings.tasks, settings.partitions, root, folder=settings.folder
    )
    ratings = rating_table([], list(settings.tasks))
    if settings.raters:
        rated = files.read(root, _names(settings.raters.files))
        ratings = rows.ratings(rated, settings.raters, settings.tasks, utterances, root, folder=settings.folder)
    mapped = settings.columns.mapped
    about = About(
        kind="table",
        name=settings.name,
        licence=settings.licence,
        speakers_known="speaker" in mapped,
        sessions_known="session" in mapped,
        segments="start" in mapped or "end" in mapped,
        tasks=tuple(task.named(name) for name, task in settings.tasks.items()),
        oddities=oddities.kinds(settings.columns, settings.tasks),
    )
    return Corpus(utterances, ratings, about, oddities.notes(table, settings.columns, settings.tasks))


def _names(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else given
