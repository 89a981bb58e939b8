"""Parsing of utterance and dialog ids by structure: the one place that knows how they are built.

``Ses01F_impro01_M000`` is in session 1; the first letter (F) is the actor who **wears the motion-capture markers**;
the turn's letter (M) is the **speaker**. The two differ in half of the corpus. Scenarios vary in form (``impro05a``,
``script01_1``, ``script01_1b``) and so do turns (``M000``, ``FXX3`` for speech without a segmented file), so no
character has a fixed position.
"""

import re
from typing import Literal, NamedTuple, cast

from attune.errors import AttuneError

Gender = Literal["F", "M"]
Kind = Literal["improvised", "scripted"]

SESSIONS = (1, 2, 3, 4, 5)

_DIALOG = r"Ses(?P<session>\d{2})(?P<marker>[FM])_(?P<scenario>(?P<kind>impro|script)\d+(?:_\d+)?[a-z]?)"
_TURN = r"(?P<speaker>[FM])(?P<turn>\d+[a-z]?|XX\d+[a-z]?)"
UTTERANCE = re.compile(f"{_DIALOG}_{_TURN}")
_KINDS: dict[str, Kind] = {"impro": "improvised", "script": "scripted"}


class Dialog(NamedTuple):
    """A conversation of a session's two speakers."""

    session: int
    marker: Gender
    """The actor who wears the motion-capture markers; says nothing about who speaks."""
    scenario: str
    """As in the dialog's name: ``impro05a``, ``script01_1b``."""
    kind: Kind

    def __str__(self) -> str:
        return f"Ses{self.session:02d}{self.marker}_{self.scenario}"


class Utterance(NamedTuple):
    """One turn of one speaker."""

    dialog: Dialog
    gender: Gender
    turn: str
    """What follows the speaker's letter: ``000``, ``XX3``."""

    @property
    def speaker(self) -> str:
        """Session and turn letter, such as ``Ses01M``."""
        return f"Ses{self.dialog.session:02d}{self.gender}"

    def __str__(self) -> str:
        return f"{self.dialog}_{self.gender}{self.turn}"


def parse_utterance(name: str) -> Utterance:
    """Parse an utterance's id.

    Raises:
        AttuneError: the id has another form.

    >>> parse_utterance("Ses01F_impro01_M000").speaker
    'Ses01M'
    """
    match = UTTERANCE.fullmatch(name)
    if match is None:
        raise AttuneError(f"{name!r} is not an utterance's id", remedy="It should look like Ses01F_impro01_M000.")
    return Utterance(_dialog(match), cast(Gender, match["speaker"]), match["turn"])


def is_utterance(name: str) -> bool:
    """Return whether `name` has the form of an utterance's id."""
    return UTTERANCE.fullmatch(name) is not None


def spelt(name: str) -> str | None:
    """Return an id, given in any case, in its proper spelling; None if it is not an id.

    >>> spelt("SES01F_IMPRO01_m000")
    'Ses01F_impro01_M000'
    """
    match = re.fullmatch(UTTERANCE.pattern, name, re.IGNORECASE)
    if match is None:
        return None
    dialog = f"Ses{match['session']}{match['marker'].upper()}_{match['scenario'].lower()}"
    return f"{dialog}_{match['speaker'].upper()}{match['turn'].replace('xx', 'XX')}"


def _dialog(match: re.Match[str]) -> Dialog:
    marker = cast(Gender, match["marker"])
    return Dialog(int(match["session"]), marker, match["scenario"], _KINDS[match["kind"]])
