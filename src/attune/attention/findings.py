"""The results in sentences; a null result is stated as plainly as a positive one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from attune.attention.summary import Entry, Summary
from attune.findings import Finding
from attune.numbers import count, fixed, interval, p_value, percent_interval, percentage, points

SIGNIFICANT = 0.05
NEARLY_UNIFORM = 0.95
"""Normalised entropy above which attention is called nearly uniform: our choice."""

CLAIMED = {
    "arousal": (1, "arousal attention follows amplitude"),
    "valence": (-1, "valence attention prefers low amplitude"),
    "dominance": (1, "dominance attention is partly on high amplitude"),
}
"""The paper's claims about two IEMOCAP files, without statistics (Zhang et al. 2019): sign and wording."""

Verdict = Literal["more", "less", "same", "unclear"]
Measures = Mapping[str, Entry]


class Question(NamedTuple):
    """A measure that has a null, and the wording of its answer.

    `measured` begins the sentence; one of `answers` ends it, by verdict.
    """

    name: str
    kind: str
    measured: str
    answers: dict[Verdict, str]
    shown: Callable[[Entry], str]
    expected: Callable[[float], str]
    difference: Callable[[Entry], str]


def _in_the_cue(name: str, kind: str, measured: str, who: str) -> Question:
    answers: dict[Verdict, str] = {
        "more": f"{who} finds the cue more often than its position explains",
        "less": f"{who} finds the cue less often than its position explains",
        "same": f"{who} finds the cue no more often than its position explains",
    }
    return Question(name, kind, measured, answers, percent_interval, percentage, points)


_ENERGY: dict[Verdict, str] = {
    "more": "attention prefers loud windows",
    "less": "attention prefers quiet windows",
    "same": "attention does not follow loudness",
}

QUESTIONS = (
    Question(
        "energy_correlation",
        "energy",
        "The rank correlation of attention and level is",
        _ENERGY,
        interval,
        lambda value: fixed(value, 2),
        interval,
    ),
    _in_the_cue("cue_hit", "cue", "The strongest window is in the cue in", "attention"),
    _in_the_cue(
        "cue_hit_strong",
        "cue-strong",
        "Where the emotion is strong, the strongest window is in the cue in",
        "attention",
    ),
    Question(
        "cue_mass",
        "cue-mass",
        "The cue receives",
        {
            "more": "the cue receives more attention than its position explains",
            "less": "the cue receives less attention than its position explains",
            "same": "the cue receives no more attention than its position explains",
        },
        percent_interval,
        percentage,
        points,
    ),
    _in_the_cue(
        "contribution_hit",
        "contribution",
        "The window that contributes most to the predicted class is in the cue in",
        "the contribution",
    ),
    _in_the_cue(
        "contribution_hit_strong",
        "contribution-strong",
        "Where the emotion is strong, the window that contributes most is in the cue in",
        "the contribution",
    ),
)

LOUDEST = _in_the_cue("loudest_hit", "loudest", "The loudest window is in the cue in", "loudness")


def findings(summaries: Mapping[str, Summary | None], *, cues_known: bool) -> list[Finding]:
    """Return the findings about every system; a summary is None for a system without attention.

    Args:
        cues_known: True for a synthetic corpus, which cannot test the paper's claims about speech.
    """
    found: list[Finding] = []
    for system, summary in summaries.items():
        if summary is None:
            found.append(Finding(system, None, "absent", "It has no attention."))
            continue
        for task, measures in summary.items():
            found += [Finding(system, task, *told) for told in _of_task(task, measures, cues_known)]
        found += _of_loudness(system, summary)
    if not cues_known:
        found.append(Finding(None, None, "cue", _CUES_UNKNOWN))
    return found


_CUES_UNKNOWN = "The corpus does not say where its cues are, so whether attention finds them cannot be judged."


def _of_loudness(system: str, summary: Summary) -> list[Finding]:
    """Return one finding for all tasks, which share the loudest window."""
    measures = next(iter(summary.values()), {})
    if f"{LOUDEST.name}_over" not in measures:
        return []
    return [Finding(system, None, LOUDEST.kind, _answer(LOUDEST, measures), measures[f"{LOUDEST.name}_over"])]


def verdict(over: Entry) -> Verdict:
    """Return whether a difference is above or below zero, provided that its interval and its test agree."""
    outside = over["low"] > 0 or over["high"] < 0
    rejected = over["p_holm"] <= SIGNIFICANT
    if outside != rejected:
        return "unclear"
    if not rejected:
        return "same"
    return "more" if over["value"] > 0 else "less"


def nearly_uniform(measures: Measures) -> bool:
    return "entropy" in measures and measures["entropy"]["low"] > NEARLY_UNIFORM


def _of_task(task: str, measures: Measures, synthetic: bool) -> Iterator[tuple[str, str, Entry]]:
    """Yield kind, sentence and numbers of everything that was measured."""
    if "entropy" in measures:
        yield "entropy", _entropy(measures), measures["entropy"]
    for question in QUESTIONS:
        if f"{question.name}_over" in measures:
            sentence = _answer(question, measures)
            if question.kind == "energy":
                sentence += _beside_the_paper(task, measures, synthetic)
            yield question.kind, sentence, measures[f"{question.name}_over"]


def _entropy(measures: Measures) -> str:
    how = "is nearly uniform" if nearly_uniform(measures) else "is not uniform"
    entropy, windows = measures["entropy"], measures["effective_windows"]["value"]
    return (
        f"Attention {how}: it is as spread out as uniform weights over {windows:.0f} windows, normalised entropy "
        f"{interval(entropy)}, where 1 is uniform (n = {count(entropy['n'])})."
    )


def _answer(question: Question, measures: Measures) -> str:
    own, expected, over = (measures[question.name + ending] for ending in ("", "_expected", "_over"))
    others = "levels" if question.kind == "energy" else "cues"
    found = verdict(over)
    return (
        f"{question.measured} {question.shown(own)}{_OF.get(question.kind, '')}; other utterances' {others} at the "
        f"same position give {question.expected(expected['value'])} (difference {question.difference(over)}, "
        f"{p_value(over['p_holm'])}, n = {count(over['n'])}): "
        f"{meaning(question.answers | {'unclear': undecided(over)}, found)}."
    )


_OF = {"cue": " of utterances", "loudest": " of utterances", "cue-mass": " of the attention"}


def meaning(answers: Mapping[Verdict, str], found: Verdict, of: str = "utterances") -> str:
    """Return the answer for a verdict; finding nothing does not prove that there is nothing."""
    return answers[found] + (f", as far as this many {of} can tell" if found == "same" else "")


def undecided(over: Entry) -> str:
    """Return the wording for an interval and a test that disagree."""
    if over["low"] == over["high"]:
        return "undecided, since nothing varies that would show how far this holds for others"
    if over["p_holm"] <= SIGNIFICANT:
        return "undecided, since the test rejects chance but the interval includes zero"
    return "undecided, since the interval excludes zero but the test does not reject chance"


def _beside_the_paper(task: str, measures: Measures, synthetic: bool) -> str:
    """Compare the answer with the paper's claim, if there is one and attention is peaked enough to judge."""
    if task not in CLAIMED:
        return ""
    sign, claim = CLAIMED[task]
    if synthetic:
        return f" Synthetic sounds say nothing about the paper's claim that {claim}."
    if nearly_uniform(measures):
        return f" Attention is too uniform to judge the paper's claim that {claim}."
    found = verdict(measures["energy_correlation_over"])
    if found in ("same", "unclear"):
        return f" This does not support the paper's claim that {claim}."
    agrees = (found == "more") == (sign > 0)
    how = "agrees with" if agrees else "contradicts"
    return f" This {how} the paper's claim, made of two IEMOCAP files, that {claim}."
