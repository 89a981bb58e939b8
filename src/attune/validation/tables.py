"""The tables that rules test: the corpus's contents, with further columns that rules need.

A cell is null where a rule does not apply: a file that cannot be decoded has no duration to test.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
import pandas as pd

from attune.corpus.contract import About, Corpus
from attune.tasks import PAPER, Task, Tasks, names_of
from attune.validation import parts
from attune.validation.facts import AudioFacts


def _measured(facts: Iterable[AudioFacts], about: About) -> pd.DataFrame:
    """Return one row per file, or per part of one, under the column names of utterances."""
    table = _packed(facts)
    if not about.segments:
        return table.drop(columns=["start", "end"]).drop_duplicates("audio")
    parts = table.astype({"start": "float64", "end": "float64"})
    return parts.drop_duplicates(["audio", "start", "end"])


def _packed(facts: Iterable[AudioFacts]) -> pd.DataFrame:
    """Return facts as a table, packed in batches: as many objects take five times the memory."""
    rest = iter(facts)
    packed = []
    while some := list(islice(rest, _AT_ONCE)):
        table = pd.DataFrame(some, columns=_FACTS).astype(_TEXTS)
        unknown = [name for name in table if table[name].dtype == object]
        packed.append(table.astype(dict.fromkeys(unknown, "float64")))
    return pd.concat(packed, ignore_index=True) if packed else pd.DataFrame(columns=_FACTS)


_FACTS = list(AudioFacts._fields)
_TEXTS = dict.fromkeys(("audio", "fault", "length", "content"), "str")
_AT_ONCE = 20_000


def own_column(task: Task) -> str:
    """Return the column with a task's ratings on the corpus's own scale."""
    return task.name if task.knots in (None, task.knots_inside) else f"{task.name}_own"


def rated(about: About) -> Tasks:
    """Return the tasks that are rated, not categorical."""
    return tuple(task for task in about.tasks if task.rated)


def utterance_table(corpus: Corpus, facts: Iterable[AudioFacts]) -> pd.DataFrame:
    """Return utterances with audio facts and derived columns, one row per utterance.

    Adds the fields of `AudioFacts` and
        missing_labels: "none", or the tasks without a rating.
        speaker_session: the session in which the speaker occurs first.
        speaker_spelling: the speaker's first spelling among those that differ only in case, spaces or zeros.
        part_order, part_overlap: from `attune.validation.parts`, where utterances are parts of recordings.
        span_error: seconds between the file's duration and the label file's end - start.
        <task>_own: the rating on the corpus's own scale, where that is not 1 to 5.
        <task>_error: distance between the rating and the mean of its external raters, on the corpus's own scale.
    """
    utterances, about = corpus.utterances, corpus.about
    table = utterances.merge(_measured(facts, about), how="left", validate="many_to_one")
    table["missing_labels"] = _missing_labels(table, about.tasks)
    table["speaker_session"] = table.groupby("speaker")["session"].transform("first")
    table["speaker_spelling"] = parts.spelling(table["speaker"])
    if about.segments:
        table = table.assign(part_order=parts.order(table), part_overlap=parts.overlaps(table))
    table["span_error"] = (table["duration"] - (table["end"] - table["start"])).abs()
    table = _on_own_scales(table, about)
    own = {task.name: own_column(task) for task in rated(about)}
    external = _on_own_scales(_external(corpus.ratings, list(own)), about)
    means = external.groupby("utterance", observed=True)[list(own.values())].mean()
    for task, column in own.items():
        table[f"{task}_error"] = (table[column] - table["utterance"].map(means[column]).astype(float)).abs()
    return table


def rating_table(corpus: Corpus) -> pd.DataFrame:
    """Return dimensional ratings, with `rates`: whether an utterance with that id is "known" or "unknown"."""
    tasks = rated(corpus.about)
    dimensional = corpus.ratings["kind"] == "dimensional"
    table = corpus.ratings.loc[dimensional, ["utterance", "rater", *names_of(tasks)]].reset_index(drop=True)
    known = table["utterance"].isin(corpus.utterances["utterance"])
    rates = known.map({True: "known", False: "unknown"}).astype("category")
    return _on_own_scales(table, corpus.about).assign(rates=rates)


def oddity_table(corpus: Corpus) -> pd.DataFrame:
    """Return one row per note of the reader: its text in the column of its kind, with the other columns null."""
    notes = corpus.notes
    columns = {name: notes["text"].where(notes["note"] == name) for name in corpus.about.oddities}
    return notes[["source", "line"]].assign(**columns)


def session_table(accepted: pd.DataFrame, sessions: Sequence[int | str] | None = None) -> pd.DataFrame:
    """Return one row per session with its number of accepted utterances and speakers.

    Args:
        sessions: the expected sessions; by default those that occur.
    """
    groups = accepted.groupby("session")
    wanted = list(groups.groups) if sessions is None else list(sessions)
    return pd.DataFrame(
        {
            "session": wanted,
            "accepted": groups.size().reindex(wanted, fill_value=0).to_numpy(),
            "speakers": groups["speaker"].nunique().reindex(wanted, fill_value=0).to_numpy(),
        }
    )


def balance_table(accepted: pd.DataFrame, tasks: Tasks = PAPER) -> pd.DataFrame:
    """Return one row per session and task: how its classes differ from those of the other sessions.

    Columns: session, task, rarest (utterances of its rarest class), drift (total variation distance between the
    class shares of this session and of the others together: the share of utterances that would have to change class).
    """
    rows = []
    for task in tasks:
        classes, count = pd.Series(task.to_class(accepted[task.name]), index=accepted.index), len(task.classes)
        by_session = {
            session: np.bincount(own, minlength=count) for session, own in classes.groupby(accepted["session"])
        }
        everywhere = sum(by_session.values(), np.zeros(count, dtype=np.int64))
        for session, here in by_session.items():
            others = everywhere - here
            drift = np.abs(here / here.sum() - others / max(others.sum(), 1)).sum() / 2 if others.sum() else 0.0
            rows.append((session, task.name, int(here.min()), float(drift)))
    return pd.DataFrame(rows, columns=["session", "task", "rarest", "drift"])


def outcome_table(utterances: int, refused: int) -> pd.DataFrame:
    """Return a single row: how much of the corpus was accepted."""
    accepted = utterances - refused
    return pd.DataFrame(
        {"table": ["utterances"], "accepted": [accepted], "refused_share": [refused / max(utterances, 1)]}
    )


def _on_own_scales(table: pd.DataFrame, about: About) -> pd.DataFrame:
    return table.assign(**{own_column(task): task.own(table[task.name]) for task in rated(about)})


def _external(ratings: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    chosen = (ratings["kind"] == "dimensional") & ~ratings["self_report"].astype(bool)
    return ratings.loc[chosen, ["utterance", *names]]


def _missing_labels(utterances: pd.DataFrame, tasks: Tasks) -> pd.Series:
    names = [task.name for task in tasks]
    missing = utterances[names].isna().itertuples(index=False)
    named = [", ".join(task for task, absent in zip(names, row, strict=True) if absent) or "none" for row in missing]
    return pd.Series(named, index=utterances.index, dtype=object)
