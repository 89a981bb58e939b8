"""Every rule the data must satisfy: its name, where it looks, what follows where it is broken, and why.

`docs/data.md` explains the same rules in a table; a test holds the two together.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from attune.params import TASKS, Validate
from attune.validation.tables import SESSIONS

Table = Literal["utterances", "ratings", "outcome", "sessions", "balance"]
Action = Literal["stop", "quarantine", "report"]

SAMPLE_RATE = 16000
SILENCE = 1e-4  # -80 dB below full scale: three steps of 16 bits
CLIPPED = 1e-3  # a share of samples
DC_OFFSET = 1e-2
SPAN_ERROR = 0.25  # seconds
MEAN_ERROR = 0.01  # the label files print four decimals
DRIFT = 0.15


class Test(NamedTuple):
    """A stock expectation of Great Expectations, by name, and its arguments."""

    expectation: str
    columns: list[str]
    """The columns it looks at."""
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """One test of one table. Null cells are not tested, except by `present`."""

    name: str
    table: Table
    action: Action
    """Where it is broken: stop the run, put the utterance in quarantine, or only report it."""
    test: Test
    description: str

    @property
    def severity(self) -> Literal["critical", "warning"]:
        """As Great Expectations has it: a broken critical rule stops the run."""
        return "critical" if self.action == "stop" else "warning"


def rules(settings: Validate) -> list[Rule]:
    """All rules, in the order in which people should read them."""
    return [*_about_identity(), *_about_labels(), *_about_audio(settings), *_about_raters(), *_about_outcome(settings)]


def between(column: str, low: float | None, high: float | None) -> Test:
    limits = {"column": column, "min_value": low, "max_value": high}
    return Test("ExpectColumnValuesToBeBetween", [column], limits)


def one_of(column: str, *values: str | int) -> Test:
    return Test("ExpectColumnValuesToBeInSet", [column], {"column": column, "value_set": list(values)})


def unique(column: str) -> Test:
    return Test("ExpectColumnValuesToBeUnique", [column], {"column": column})


def unique_together(*columns: str) -> Test:
    return Test("ExpectCompoundColumnsToBeUnique", [*columns], {"column_list": list(columns)})


def present(column: str) -> Test:
    return Test("ExpectColumnValuesToNotBeNull", [column], {"column": column})


def equal(column: str, other: str) -> Test:
    return Test("ExpectColumnPairValuesToBeEqual", [column, other], {"column_A": column, "column_B": other})


def _about_identity() -> list[Rule]:
    return [
        Rule("unique-utterance", "utterances", "stop", unique("utterance"), "Every utterance id occurs once."),
        Rule(
            "speaker-in-one-session",
            "utterances",
            "stop",
            equal("session", "speaker_session"),
            "A speaker occurs in one session only, so that folds by session share no speaker.",
        ),
        Rule("known-session", "utterances", "quarantine", one_of("session", *SESSIONS), "The session is 1 to 5."),
    ]


def _about_labels() -> list[Rule]:
    complete = Rule(
        "labelled",
        "utterances",
        "quarantine",
        one_of("missing_labels", "none"),
        "The utterance is rated for arousal, valence and dominance.",
    )
    in_range = [
        Rule(f"{task}-range", "utterances", "quarantine", between(task, 1, 5), f"The {task} rating is 1 to 5.")
        for task in TASKS
    ]
    is_mean = [
        Rule(
            f"{task}-is-mean",
            "utterances",
            "report",
            between(f"{task}_error", None, MEAN_ERROR),
            f"The {task} rating is the mean of its external raters, to {MEAN_ERROR}.",
        )
        for task in TASKS
    ]
    return [complete, *in_range, *is_mean]


def _about_audio(settings: Validate) -> list[Rule]:
    return [
        Rule("has-audio", "utterances", "quarantine", present("audio"), "The utterance has an audio file."),
        Rule(
            "decodable",
            "utterances",
            "quarantine",
            one_of("fault", "none"),
            "The audio file is there and decodes, holds every sample its header promises, and no NaN or infinity.",
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
            "unique-audio",
            "utterances",
            "quarantine",
            unique("content"),
            "No two utterances hold the same samples; one recording could come to lie on both sides of a split.",
        ),
        Rule(
            "clipping",
            "utterances",
            "report",
            between("clipped", None, CLIPPED),
            f"At most {CLIPPED:.1%} of the samples are at full scale.",
        ),
        Rule(
            "dc-offset",
            "utterances",
            "report",
            between("dc_offset", -DC_OFFSET, DC_OFFSET),
            f"The waveform's mean is within {DC_OFFSET:.0%} of full scale.",
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


def _about_raters() -> list[Rule]:
    known = Rule("rated-utterance", "ratings", "report", one_of("rates", "known"), "A rating is of a known utterance.")
    in_range = [
        Rule(f"rater-{task}-range", "ratings", "report", between(task, 1, 5), f"A rater's {task} is 1 to 5.")
        for task in TASKS
    ]
    once = Rule(
        "one-rating-per-rater",
        "ratings",
        "report",
        unique_together("utterance", "rater"),
        "A rater rates an utterance once.",
    )
    return [known, *in_range, once]


def _about_outcome(settings: Validate) -> list[Rule]:
    return [
        Rule("something-accepted", "outcome", "stop", between("accepted", 1, None), "Some utterances are accepted."),
        Rule(
            "few-refused",
            "outcome",
            "stop",
            between("refused_share", None, settings.max_quarantined),
            f"At most {settings.max_quarantined:.1%} of the utterances are refused (validate.max_quarantined).",
        ),
        Rule(
            "every-session",
            "sessions",
            "stop",
            between("accepted", 1, None),
            "Each of the sessions 1 to 5 has accepted utterances.",
        ),
        Rule(
            "two-speakers",
            "sessions",
            "report",
            between("speakers", 2, 2),
            "Each session has accepted utterances of two speakers.",
        ),
        Rule(
            "every-class",
            "balance",
            "report",
            between("rarest", 1, None),
            "Each class of each task occurs in each session.",
        ),
        Rule(
            "class-balance",
            "balance",
            "report",
            between("drift", None, DRIFT),
            f"At most {DRIFT:.0%} of a session's utterances would have to change class to match the other sessions.",
        ),
    ]
