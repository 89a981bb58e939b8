"""Which speakers and sessions are trained on, developed on and tested on.

Both partners of a dialog are heard in both channels of its recordings, so partitions share neither speakers nor
sessions; a protocol that broke this would fail the run.
"""

from itertools import combinations
from typing import NamedTuple

import pandas as pd

from attune.errors import AttuneError
from attune.protocols import PROTOCOLS


class Partition(NamedTuple):
    """One fold's utterances, each a table with the columns and index it was cut from."""

    train: pd.DataFrame
    development: pd.DataFrame
    test: pd.DataFrame


def partition(utterances: pd.DataFrame, protocol: str, fold: str) -> Partition:
    """Divide utterances by a protocol's fold.

    Args:
        utterances: one row each, with ``session`` (1 to 5) and ``speaker`` (such as ``Ses01M``).
        protocol: ``loso5`` tests one session, develops on the next and trains on the other three; ``lospko10`` tests
            one speaker, leaves the partner out and goes on like loso5; ``paper-as-written`` and ``paper-by-counts``
            are the two readings of Zhang et al. 2019, section 3.1.
        fold: what is tested on, such as ``session1`` or ``Ses01F``.

    Raises:
        AttuneError: no such protocol or fold, an empty partition, or speakers or sessions in two partitions.
    """
    check_fold(protocol, fold)
    tested, developed = _sessions(protocol, fold)
    session = utterances["session"]
    test = utterances[(session == tested) if protocol != "lospko10" else (utterances["speaker"] == fold)]
    parts = Partition(
        train=utterances[~session.isin([tested, developed])],
        development=utterances[session == developed],
        test=test,
    )
    assert_disjoint(parts, where=f"{protocol}, fold {fold}")
    return parts


def check_fold(protocol: str, fold: str) -> None:
    """Refuse a protocol or a fold that does not exist."""
    if protocol not in PROTOCOLS:
        raise AttuneError(f"there is no protocol {protocol!r}", remedy=f"Choose one of {', '.join(PROTOCOLS)}.")
    folds = PROTOCOLS[protocol].folds
    if fold not in folds:
        raise AttuneError(f"{fold!r} is not a fold of {protocol}", remedy=f"Choose one of {', '.join(folds)}.")


def assert_disjoint(parts: Partition, *, where: str) -> None:
    """Fail on an empty partition, and on a speaker or session that is in two of them.

    Raises:
        AttuneError: names the partitions and what they share.
    """
    for name, part in parts._asdict().items():
        if part.empty:
            raise AttuneError(
                f"the {name} partition is empty", where=where, remedy="The protocol needs all five sessions."
            )
    for (one, first), (other, second) in combinations(parts._asdict().items(), 2):
        for column in ("speaker", "session"):
            shared = sorted(set(first[column]) & set(second[column]))
            if shared:
                raise AttuneError(
                    f"{column} {shared[0]} is in both the {one} and the {other} partition",
                    where=where,
                    remedy="Scores would be too good: check the session and speaker of these utterances.",
                )


def _sessions(protocol: str, fold: str) -> tuple[int, int]:
    """The sessions tested and developed on."""
    if protocol == "paper-as-written":
        return 5, 4
    tested = int("".join(filter(str.isdigit, fold)))
    return tested, tested % 5 + 1
