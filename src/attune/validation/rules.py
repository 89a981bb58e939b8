"""Every rule the data must satisfy: its name, what it tests, the consequence of breaking it, and why.

`docs/data.md` explains the same rules in a table; a test keeps the two in sync.
"""

from attune.corpus.contract import About
from attune.numbers import listed, percentage
from attune.params import Validate
from attune.tasks import Task
from attune.validation.audio_rules import rules_of_audio
from attune.validation.expectations import Test, between, equal, one_of, unique, unique_together
from attune.validation.rule import Rule
from attune.validation.tables import own_column, rated

MEAN_ERROR = 0.01  # the label files print four decimals
DRIFT = 0.15


def rules(settings: Validate, about: About) -> list[Rule]:
    """Return all rules for a corpus, in the order in which people should read them."""
    return [
        *_about_identity(about),
        *_about_labels(about),
        *_about_parts(about),
        *rules_of_audio(settings),
        *_about_raters(about),
        *_about_oddities(about),
        *_about_outcome(settings),
        *_about_sessions(about),
        *(_about_classes() if about.sessions_known else []),
    ]


def _about_identity(about: About) -> list[Rule]:
    unique_ids = Rule("unique-utterance", "utterances", "stop", unique("utterance"), "Every utterance id occurs once.")
    closed = Rule(
        "speaker-in-one-session",
        "utterances",
        "stop",
        equal("session", "speaker_session"),
        "A speaker occurs in one session only, so that folds by session share no speaker.",
    )
    found = [unique_ids]
    if about.speakers_per_session:
        found.append(closed)
    elif about.speakers_known:
        found.append(
            Rule(
                "speaker-spelling",
                "utterances",
                "report",
                equal("speaker", "speaker_spelling"),
                "No two speakers differ only in case, spaces or zeros; one person could be in two partitions.",
            )
        )
    if about.sessions:
        known, said = one_of("session", *about.sessions), f"The session is {spoken(about.sessions)}."
        found.append(Rule("known-session", "utterances", "quarantine", known, said))
    return found


def _about_labels(about: About) -> list[Rule]:
    complete = Rule(
        "labelled",
        "utterances",
        "quarantine",
        one_of("missing_labels", "none"),
        f"The utterance is rated for {listed([task.name for task in about.tasks])}.",
    )
    in_range = [
        Rule(f"{task.name}-range", "utterances", "quarantine", *_range(task, f"The {task.name} rating is {{}}."))
        for task in rated(about)
    ]
    is_mean = [
        Rule(
            f"{task.name}-is-mean",
            "utterances",
            "report",
            between(f"{task.name}_error", None, MEAN_ERROR),
            f"The {task.name} rating is the mean of its external raters, to {MEAN_ERROR}.",
        )
        for task in rated(about)
    ]
    return [complete, *in_range, *is_mean]


def _range(task: Task, said: str) -> tuple[Test, str]:
    """Return the test that a rating is on the corpus's own scale, and its description."""
    low, high = task.scale
    return between(own_column(task), low, high), said.format(f"{low:g} to {high:g}")


def _about_parts(about: About) -> list[Rule]:
    if not about.segments:
        return []
    return [
        Rule(
            "part-in-order",
            "utterances",
            "quarantine",
            one_of("part_order", "in order"),
            "A part of a recording starts at 0 or later and ends after it starts.",
        ),
        Rule(
            "part-overlap",
            "utterances",
            "report",
            one_of("part_overlap", "nothing"),
            "No two utterances share a part of a recording.",
        ),
    ]


def _about_raters(about: About) -> list[Rule]:
    known = Rule("rated-utterance", "ratings", "report", one_of("rates", "known"), "A rating is of a known utterance.")
    in_range = [
        Rule(f"rater-{task.name}-range", "ratings", "report", *_range(task, f"A rater's {task.name} is {{}}."))
        for task in rated(about)
    ]
    once = Rule(
        "one-rating-per-rater",
        "ratings",
        "report",
        unique_together("utterance", "rater"),
        "A rater rates an utterance once.",
    )
    return [known, *in_range, once]


def _about_oddities(about: About) -> list[Rule]:
    return [Rule(f"no-{name}", "notes", "report", one_of(name, "none"), _ODDITIES[name]) for name in about.oddities]


_ODDITIES = {
    "unreadable-rating": "Every line of a rater can be read; one that cannot is skipped.",
    "unnamed-speaker": "Every row names its speaker; one that does not counts as another person, who could be anybody.",
    "unknown-word": "Every word for a category is one that its classes name; another is a missing value.",
    "repeated-block": "No utterance is labelled twice, not even in the same words.",
}


def _about_outcome(settings: Validate) -> list[Rule]:
    return [
        Rule("something-accepted", "outcome", "stop", between("accepted", 1, None), "Some utterances are accepted."),
        Rule(
            "few-refused",
            "outcome",
            "stop",
            between("refused_share", None, settings.max_quarantined),
            f"At most {percentage(settings.max_quarantined)} of the utterances are refused (validate.max_quarantined).",
        ),
    ]


def _about_sessions(about: About) -> list[Rule]:
    found = []
    if about.sessions:
        every = f"Each of the sessions {spoken(about.sessions)} has accepted utterances."
        found.append(Rule("every-session", "sessions", "stop", between("accepted", 1, None), every))
    if count := about.speakers_per_session:
        each = f"Each session has accepted utterances of {_COUNTS.get(count, count)} speaker{'s' if count > 1 else ''}."
        found.append(Rule("two-speakers", "sessions", "report", between("speakers", count, count), each))
    return found


def _about_classes() -> list[Rule]:
    return [
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
            f"At most {percentage(DRIFT, 0)} of a session's utterances would have to change class to match the other "
            "sessions.",
        ),
    ]


def spoken(sessions: tuple[int | str, ...]) -> str:
    """Return ``1 to 5``, or a list of the names."""
    numbers = [session for session in sessions if isinstance(session, int)]
    if len(numbers) == len(sessions) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, sessions))


_COUNTS = {1: "one", 2: "two", 3: "three", 4: "four"}
