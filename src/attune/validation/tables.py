"""The tables that rules look at: what the corpus says, with the columns that rules need beside it.

A cell is null where a rule has nothing to say: a file that cannot be decoded has no duration to judge.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from attune.corpus.labels import to_class
from attune.params import TASKS
from attune.signal import CLASSES
from attune.validation.facts import AudioFacts


def utterance_table(utterances: pd.DataFrame, ratings: pd.DataFrame, facts: Iterable[AudioFacts]) -> pd.DataFrame:
    """Utterances with audio facts and derived columns, one row per row of `utterances`.

    Adds the fields of `AudioFacts` and
        missing_labels: "none", or the tasks without a rating.
        speaker_session: the session in which the speaker occurs first.
        span_error: seconds between the file's duration and the label file's end - start.
        <task>_error: distance between the rating and the mean of its external raters.
    """
    measured = pd.DataFrame(list(facts), columns=list(AudioFacts._fields)).drop_duplicates("audio")
    table = utterances.merge(measured, on="audio", how="left", validate="many_to_one")
    table["missing_labels"] = _missing_labels(table)
    table["speaker_session"] = table.groupby("speaker")["session"].transform("first")
    table["span_error"] = (table["duration"] - (table["end"] - table["start"])).abs()
    means = _external(ratings).groupby("utterance")[list(TASKS)].mean()
    for task in TASKS:
        table[f"{task}_error"] = (table[task] - table["utterance"].map(means[task]).astype(float)).abs()
    return table


def rating_table(ratings: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    """Dimensional ratings, with `rates`: whether an utterance of that id is "known" or "unknown"."""
    table = ratings[ratings["kind"] == "dimensional"].reset_index(drop=True)
    known = table["utterance"].isin(utterances["utterance"])
    return table.assign(rates=np.where(known, "known", "unknown"))


def session_table(accepted: pd.DataFrame, sessions: Sequence[int | str] | None = None) -> pd.DataFrame:
    """One row per session: how many utterances and speakers are accepted.

    Args:
        sessions: those there should be; by default those there are.
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


def balance_table(accepted: pd.DataFrame) -> pd.DataFrame:
    """One row per session and task: how its classes differ from those of the other sessions.

    Columns: session, task, rarest (utterances of its rarest class), drift (total variation distance between the
    class shares of this session and of the others together: the share of utterances that would have to change class).
    """
    rows = []
    for task in TASKS:
        classes = pd.Series(to_class(accepted[task]), index=accepted.index)
        for session in sorted(accepted["session"].unique()):
            here = _class_counts(classes[accepted["session"] == session])
            others = _class_counts(classes[accepted["session"] != session])
            drift = np.abs(here / here.sum() - others / max(others.sum(), 1)).sum() / 2 if others.sum() else 0.0
            rows.append((session, task, int(here.min()), float(drift)))
    return pd.DataFrame(rows, columns=["session", "task", "rarest", "drift"])


def outcome_table(utterances: int, refused: int) -> pd.DataFrame:
    """One row: how much of the corpus was accepted."""
    accepted = utterances - refused
    return pd.DataFrame(
        {"table": ["utterances"], "accepted": [accepted], "refused_share": [refused / max(utterances, 1)]}
    )


def _external(ratings: pd.DataFrame) -> pd.DataFrame:
    return ratings[(ratings["kind"] == "dimensional") & ~ratings["self_report"].astype(bool)]


def _missing_labels(utterances: pd.DataFrame) -> pd.Series:
    missing = utterances[list(TASKS)].isna().itertuples(index=False)
    named = [", ".join(task for task, absent in zip(TASKS, row, strict=True) if absent) or "none" for row in missing]
    return pd.Series(named, index=utterances.index, dtype=object)


def _class_counts(classes: pd.Series) -> np.ndarray:
    return np.bincount(classes, minlength=len(CLASSES))
