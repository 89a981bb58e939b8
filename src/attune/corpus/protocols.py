"""Division of speakers and sessions into training, development and test partitions.

Speakers in one session may be heard in each other's recordings, so partitions share neither speakers nor, where
folds are built from them, sessions; a protocol that broke this would fail the run.
"""

from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

import pandas as pd

from attune.corpus.folds import check_fold, tested
from attune.corpus.meeting import meetings
from attune.errors import AttuneError

_SHARE = 5
"""One in this many is used for development, where nothing else determines it."""


class Partition(NamedTuple):
    """One fold's utterances; each table has the columns and index of the one it was taken from."""

    train: pd.DataFrame
    development: pd.DataFrame
    test: pd.DataFrame


class Split(NamedTuple):
    """Masks over the utterances; what is in none of them is for training."""

    development: pd.Series
    test: pd.Series
    unused: pd.Series | None = None


def partition(utterances: pd.DataFrame, protocol: str, fold: str) -> Partition:
    """Partition utterances for one fold of a protocol.

    Args:
        utterances: one row each, with the columns that `attune.corpus.folds.columns` returns.
        protocol: ``loso5`` tests one session, develops on the next and trains on the other three; ``lospko10`` tests
            one speaker, leaves out the partner and continues like loso5; ``paper-as-written`` and ``paper-by-counts``
            are two readings of Zhang et al. 2019, section 3.1; docs/own-data.md explains the others.
        fold: what to test on, such as ``session1`` or ``Ses01F``.

    Raises:
        AttuneError: no such protocol or fold, an empty partition, or speakers or sessions in two partitions.
    """
    check_fold(utterances, protocol, fold)
    found = _split(protocol)(utterances, fold)
    left = ~(found.development | found.test)
    parts = Partition(
        train=utterances[left if found.unused is None else left & ~found.unused],
        development=utterances[found.development],
        test=utterances[found.test],
    )
    alone = ("speaker",) if protocol in ("given", "cross-corpus") else ("speaker", "session")
    assert_disjoint(parts, where=f"{protocol}, fold {fold}", columns=alone)
    return parts


def assert_disjoint(parts: Partition, *, where: str, columns: tuple[str, ...] = ("speaker", "session")) -> None:
    """Raise if a partition is empty, or a speaker or session is in two of them.

    Raises:
        AttuneError: names the empty partition, or the two and what they share.
    """
    for name, part in parts._asdict().items():
        if part.empty:
            raise AttuneError(
                f"the {name} partition is empty", where=where, remedy="The protocol needs utterances in all three."
            )
    for (one, first), (other, second) in combinations(parts._asdict().items(), 2):
        for column in columns:
            shared = sorted(set(first[column].dropna()) & set(second[column].dropna()))
            if shared:
                raise AttuneError(
                    f"{column} {shared[0]} is in both the {one} and the {other} partition",
                    where=where,
                    remedy="Scores would be optimistic: check the session and speaker of these utterances.",
                )


def _split(protocol: str) -> Callable[[pd.DataFrame, str], Split]:
    if protocol in _SPLITS:
        return _SPLITS[protocol]
    return lambda utterances, fold: _k_fold(utterances, fold, int(protocol.split("-")[0]))


def _session(utterances: pd.DataFrame, fold: str) -> Split:
    return _sessions(utterances, int(fold.removeprefix("session")))


def _sessions(utterances: pd.DataFrame, number: int, developed: int | None = None) -> Split:
    session = utterances["session"]
    return Split(session == (number % 5 + 1 if developed is None else developed), session == number)


def _speaker(utterances: pd.DataFrame, fold: str) -> Split:
    found = _sessions(utterances, int("".join(filter(str.isdigit, fold))))
    return Split(found.development, utterances["speaker"] == fold, unused=found.test)


def _next_of(column: str, protocol: str) -> Callable[[pd.DataFrame, str], Split]:
    """Test one value of a column and develop on the next; rows without a value may be of any, and are not used."""

    def split(utterances: pd.DataFrame, fold: str) -> Split:
        named = tested(utterances, protocol)
        values = list(named.values())
        if len(values) < 3:
            raise AttuneError(
                f"the corpus has {len(values)} {column}{'s' if len(values) > 1 else ''}",
                where=protocol,
                remedy=f"Training, development and test need three {column}s: choose another protocol.",
            )
        place = values.index(named[fold])
        own = utterances[column]
        return Split(own == values[(place + 1) % len(values)], own == values[place], unused=own.isna())

    return split


def _leave_one_speaker_out(utterances: pd.DataFrame, fold: str) -> Split:
    """Develop on the speakers of the next parts (one in five); leave out those who met the tested speaker."""
    met = meetings(utterances)
    order = sorted(met.unique())
    speaker = tested(utterances, "leave-one-speaker-out")[fold]
    test = utterances["speaker"] == speaker
    own = order.index(met[test].iloc[0])
    if len(order) < 3:
        raise _too_few(len(order), "leave-one-speaker-out")
    after = [order[(own + step) % len(order)] for step in range(1, max(1, len(order) // _SHARE) + 1)]
    return Split(met.isin([one for one in after if one != order[own]]), test, unused=met == order[own])


def _k_fold(utterances: pd.DataFrame, fold: str, count: int) -> Split:
    """Assign whole parts, largest first, to the fold with the fewest utterances so far."""
    met = meetings(utterances)
    sizes = (
        met.value_counts().rename_axis("met").reset_index(name="n").sort_values(["n", "met"], ascending=[False, True])
    )
    if len(sizes) < max(count, 3):
        raise _too_few(len(sizes), f"{count}-fold")
    filled, place = [0] * count, {}
    for name, size in zip(sizes["met"], sizes["n"], strict=True):
        place[name] = filled.index(min(filled))
        filled[place[name]] += size
    own = int(fold.removeprefix("fold")) - 1
    return Split(met.map(place) == (own + 1) % count, met.map(place) == own)


def _too_few(parts: int, where: str) -> AttuneError:
    """Return the error for too few parts that share neither speakers nor sessions."""
    if parts < 3:
        return AttuneError(
            f"the speakers form {parts} part{'s' if parts > 1 else ''} that share neither speakers nor sessions",
            where=where,
            remedy="Training, development and test need three: more speakers, or sessions that fewer of them share.",
        )
    return AttuneError(
        f"the corpus falls into {parts} parts that share neither speakers nor sessions",
        where=where,
        remedy=f"Choose at most {parts} folds, or do not map sessions.",
    )


def _given(utterances: pd.DataFrame, fold: str) -> Split:
    if "fold" in utterances:
        return _next_of("fold", "given")(utterances, fold)
    own = utterances["partition"]
    test = own == tested(utterances, "given")[fold]
    return Split(own == "development", test, unused=~own.isin(["train", "development"]) & ~test)


def _cross_corpus(utterances: pd.DataFrame, fold: str) -> Split:
    """Develop on the last parts (one in five) of every other corpus."""
    corpus = utterances["corpus"]
    test = corpus == tested(utterances, "cross-corpus")[fold]
    met = meetings(utterances[corpus.notna() & ~test])
    developed: set[object] = set()
    for _, own in met.groupby(corpus):
        order = sorted(own.unique())
        developed |= set(order[-max(1, len(order) // _SHARE) :]) if len(order) > 1 else set()
    development = met.isin(developed).reindex(utterances.index, fill_value=False)
    return Split(development, test, unused=corpus.isna())


_SPLITS: dict[str, Callable[[pd.DataFrame, str], Split]] = {
    "loso5": _session,
    "lospko10": _speaker,
    "paper-as-written": lambda utterances, _: _sessions(utterances, 5, 4),
    "paper-by-counts": lambda utterances, _: _sessions(utterances, 1, 2),
    "leave-one-session-out": _next_of("session", "leave-one-session-out"),
    "leave-one-speaker-out": _leave_one_speaker_out,
    "given": _given,
    "cross-corpus": _cross_corpus,
}
