"""Rules about each utterance's audio: that it exists and decodes, and that its level and length are usable."""

from attune.numbers import percentage
from attune.params import Validate
from attune.signal import SAMPLE_RATE
from attune.validation.expectations import between, one_of, present, unique
from attune.validation.rule import Rule
from attune.waveform.judgement import CLIPPED, DC_OFFSET, IN_PHASE, QUIET
from attune.waveform.tally import OFF_SCALE, SILENCE

SPAN_ERROR = 0.25  # seconds


def rules_of_audio(settings: Validate) -> list[Rule]:
    """Return the rules about each utterance's audio."""
    return [
        Rule("has-audio", "utterances", "quarantine", present("audio"), "The utterance has an audio file."),
        Rule(
            "decodable",
            "utterances",
            "quarantine",
            one_of("fault", "none"),
            "The audio file is there and decodes, has every sample its header promises, at 4 to 384 kHz, and no NaN.",
        ),
        Rule(
            "duration",
            "utterances",
            "quarantine",
            between("duration", settings.min_seconds, settings.max_seconds),
            f"The audio lasts {settings.min_seconds:g} to {settings.max_seconds:g} seconds"
            " (validate.min_seconds, validate.max_seconds).",
        ),
        Rule("not-silent", "utterances", "quarantine", between("level", SILENCE, None), "Its level is above -80 dBFS."),
        Rule(
            "on-scale",
            "utterances",
            "quarantine",
            between("off_scale", None, 0),
            f"No sample is beyond {OFF_SCALE:g} times full scale.",
        ),
        Rule(
            "in-phase",
            "utterances",
            "quarantine",
            between("in_phase", IN_PHASE, None),
            "Its channels do not cancel one another when they are mixed down.",
        ),
        Rule("audible", "utterances", "report", between("level", QUIET, None), "Its level is above -60 dBFS."),
        Rule(
            "live-channels",
            "utterances",
            "report",
            between("dead_channels", None, 0),
            "Every channel carries sound; one that does not is left out of the mix.",
        ),
        Rule(
            "length-as-stated",
            "utterances",
            "report",
            one_of("length", "as stated"),
            "The file's header states as many samples as there are.",
        ),
        Rule(
            "unique-audio",
            "utterances",
            "quarantine",
            unique("content"),
            "No two utterances have the same samples; one recording could end up on both sides of a split.",
        ),
        Rule(
            "clipping",
            "utterances",
            "report",
            between("clipped", None, CLIPPED),
            f"At most {percentage(CLIPPED)} of the samples are at full scale.",
        ),
        Rule(
            "dc-offset",
            "utterances",
            "report",
            between("dc_offset", -DC_OFFSET, DC_OFFSET),
            f"The waveform's mean is within {percentage(DC_OFFSET, 0)} of full scale.",
        ),
        Rule(
            "sample-rate",
            "utterances",
            "report",
            one_of("sample_rate", SAMPLE_RATE),
            "The audio is sampled at 16 kHz; other rates are resampled.",
        ),
        Rule("mono", "utterances", "report", one_of("channels", 1), "The audio has one channel; more are mixed down."),
        Rule(
            "label-span",
            "utterances",
            "report",
            between("span_error", None, SPAN_ERROR),
            f"The audio is as long as its label file says, to {SPAN_ERROR} seconds.",
        ),
    ]
