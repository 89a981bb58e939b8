"""Rules on whether a signal is usable: the same for training, scoring and the server.

`docs/audio.md` explains the same rules in a table; a test keeps the two in sync.
"""

from collections.abc import Callable
from typing import NamedTuple

from attune.waveform.decoding.faults import AudioError, Fault
from attune.waveform.tally import OFF_SCALE, SILENCE, Facts

CLIPPED = 1e-3
"""Share of samples."""
DC_OFFSET = 1e-2
"""Fraction of full scale."""
QUIET = 1e-3
"""-60 dBFS; speech is usually recorded at -40 to -15."""
IN_PHASE = 0.1
"""A mix 10 dB below that of uncorrelated channels is cancelled, not quiet."""


class Refusal(NamedTuple):
    """A rule that a signal must satisfy."""

    name: Fault
    broken: Callable[[Facts], bool]
    text: Callable[[Facts], str]
    remedy: str


class Remark(NamedTuple):
    """A rule whose violation is reported with the scores."""

    name: str
    broken: Callable[[Facts], bool]
    meaning: str


REFUSALS = (
    Refusal(
        "off-scale",
        lambda facts: facts.off_scale > 0,
        lambda facts: (
            f"has {facts.off_scale} samples beyond {OFF_SCALE:g} times full scale (1.0); the largest is "
            f"{facts.peak:.6g}"
        ),
        "Float samples go from -1 to 1: divide 16-bit values by 32768, and cut out what is damaged.",
    ),
    Refusal(
        "out-of-phase",
        lambda facts: facts.in_phase < IN_PHASE,
        lambda facts: f"its {len(facts.used)} channels cancel one another when they are mixed down",
        "Keep one channel: ffmpeg -i IN -af 'pan=mono|c0=c0' OUT.wav",
    ),
    Refusal(
        "silent",
        lambda facts: facts.level < SILENCE,
        lambda facts: (
            "is silent" if abs(facts.dc_offset) < SILENCE else f"is a constant {facts.dc_offset:.4g}, no sound"
        ),
        "Its level is below -80 dB of full scale; was the microphone on?",
    ),
)

REMARKS = (
    Remark("clipped", lambda facts: facts.clipped > CLIPPED, "over 0.1 % of the samples are at full scale"),
    Remark("quiet", lambda facts: facts.level < QUIET, "the level is below -60 dB of full scale, far below speech"),
    Remark("dc-offset", lambda facts: abs(facts.dc_offset) > DC_OFFSET, "the mean is beyond 1 % of full scale"),
    Remark(
        "dead-channel",
        lambda facts: len(facts.used) < facts.channels,
        "a channel 40 dB below the loudest is left out of the mix",
    ),
    Remark("length", lambda facts: bool(facts.notes), "the header states fewer samples than there are; all are read"),
)


def warnings(facts: Facts) -> list[str]:
    """Return the names of the warnings to report with the scores."""
    return [rule.name for rule in REMARKS if rule.broken(facts)]


def check(facts: Facts, where: object) -> None:
    """Raise for a signal that is not fit for a network.

    Raises:
        AudioError: its fault is the first rule that is broken.
    """
    for rule in REFUSALS:
        if rule.broken(facts):
            raise AudioError(rule.name, rule.text(facts), where=where, remedy=rule.remedy)
