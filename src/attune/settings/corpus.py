"""The section `corpus` of params.yaml: which corpus, where, and how a synthetic one is made."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from attune.settings.section import NotNegative, Section, Seed

Defect = Literal[
    "valence-above-scale",
    "dominance-below-scale",
    "unlabelled",
    "label-without-recording",
    "recording-without-label",
    "unreadable-rating",
    "repeated-block",
    "whole-numbers",
    "crlf",
    "latin-1",
    "macos-leftovers",
]
"""Defects found in copies of IEMOCAP, each of which a synthetic corpus can reproduce."""


class Synthetic(Section):
    seed: Seed = 1
    like: Literal["small", "iemocap"] = "small"
    utterances_per_speaker: Annotated[int, Field(ge=4, lt=2**31)] = 48
    share: Annotated[float, Field(gt=0, le=100)] = 1.0
    strength: NotNegative = 1.0
    rater_noise: NotNegative = 0.3
    cue_length: Annotated[list[float], Field(min_length=2, max_length=2)] = [0.4, 0.6]
    cue_placement: Literal["anywhere", "even"] = "anywhere"
    recording_noise: NotNegative = 0.0002
    defects: list[Defect] = []

    @model_validator(mode="after")
    def _cues_fit(self) -> "Synthetic":
        low, high = self.cue_length
        if not 0.05 <= low <= high <= 0.9:
            raise ValueError("cue_length: two shares of an utterance, the smaller first, from 0.05 to 0.9")
        if self.cue_placement == "even" and not any(low <= 1 / parts <= high for parts in range(2, 21)):
            raise ValueError(
                f"cue_length: no number of parts of {low:g} to {high:g} makes up an utterance, as cue_placement: even"
                " needs; 0.4 to 0.6 halves it, 0.3 to 0.4 cuts it into three"
            )
        return self


class Corpus(Section):
    """A corpus; settings of its kind are in a section named after the kind, which the kind's reader checks."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    kind: str = "synthetic"
    root: Annotated[str, Field(min_length=1, pattern=r"^[^\x00]*$")] = "data/raw"
    synthetic: Synthetic = Synthetic()

    @property
    def own(self) -> Any:
        """The section named after the kind."""
        return (self.model_extra or {}).get(self.kind)

    @model_validator(mode="after")
    def _nothing_else(self) -> "Corpus":
        strangers = [name for name in self.model_extra or {} if name != self.kind]
        if strangers:
            raise ValueError(f"unknown parameter 'corpus.{strangers[0]}' (the kind is {self.kind})")
        return self
