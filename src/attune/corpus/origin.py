"""Where a model's data came from, in words for its card and page."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from attune.corpus.contract import About
from attune.settings.corpus import Corpus

_WORDS = {
    "synthetic": "A synthetic corpus made by a program, ten made-up speakers in five sessions: "
    "no recording of anybody, no licence needed.",
    "iemocap": "IEMOCAP: 5 sessions of acted and improvised dialogs, 10 speakers, American English, about 12 hours. "
    "Licensed for\nresearch by its owners to those who signed the release form; neither the recordings nor what "
    "reveals them may be passed on.",
}
_NAMES = {
    **{"synthetic": "synthetic", "iemocap": "IEMOCAP"},
    **{"msp-podcast": "MSP-Podcast", "msp-improv": "MSP-IMPROV"},
}
"""The kinds that stand for one particular corpus."""
MSP_LICENCE = "Licensed by the University of Texas at Dallas to those who signed its agreement; not to be passed on."
_LICENCES = dict.fromkeys(("msp-podcast", "msp-improv"), MSP_LICENCE)
_OF_COLUMNS = ("table", "audformat")
"""The kinds whose columns params.yaml names."""

_NO_LICENCE = (
    "Its parameters name no licence: ask whoever trained this model under which terms the recordings may be used."
)


class Origin(NamedTuple):
    """A corpus's origin in words."""

    name: str
    words: str
    synthetic: bool
    speakers_known: bool

    @property
    def caution(self) -> str:
        """Warning where a corpus does not identify its speakers; empty where it does."""
        if self.speakers_known:
            return ""
        return "The corpus does not say who speaks: a speaker may be in two partitions, and scores may be too good."


def of_corpus(about: About) -> Origin:
    """Return the origin of a corpus that was read."""
    return _origin(about.kind, about.name, about.licence, about.speakers_known)


def of_settings(settings: Corpus) -> Origin:
    """Return the origin of a corpus that params.yaml describes."""
    own = settings.own if isinstance(settings.own, dict) else {}
    name = str(own.get("name") or settings.kind)
    known = _names_speakers(settings.kind, own)
    licence = str(own.get("licence") or _LICENCES.get(settings.kind, ""))
    return _origin(settings.kind, _NAMES.get(settings.kind, name), licence, known)


def _names_speakers(kind: str, own: Mapping[str, Any]) -> bool:
    """Return whether the reader of a kind finds speakers: those of tables only where a column is named."""
    if kind == "several":
        return all(_names_speakers(one["kind"], one.get(one["kind"]) or {}) for one in own["corpora"].values())
    return kind not in _OF_COLUMNS or bool((own.get("columns") or {}).get("speaker"))


def _origin(kind: str, name: str, licence: str, speakers_known: bool) -> Origin:
    words = _WORDS.get(kind) or f"{name}. {licence or _NO_LICENCE}"
    return Origin(name, words, kind == "synthetic", speakers_known)
