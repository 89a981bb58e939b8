"""What probing the networks says, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from attune.attention.faithfulness import OWN
from attune.attention.findings import undecided, verdict
from attune.attention.probed import BASELINE
from attune.attention.reweighing import KINDS, LEARNT
from attune.attention.summary import Entry
from attune.findings import Finding
from attune.numbers import count, fixed, interval, p_value, percent_interval, percentage, points

_RANKED = {"attention": "attention", "contribution": "contribution to the predicted class"}
_REPLACED = {
    "uniform": "With uniform weights",
    "permuted": "With its weights in random order",
    "frozen": "With the mean weights of other utterances",
}


def findings(systems: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """What was found about every system, of `attune.attention.probed.summarise` by system."""
    return [
        Finding(system, task, *told)
        for system, tasks in systems.items()
        for task, own in tasks.items()
        for told in _of_task(own)
    ]


def _of_task(own: Mapping[str, Any]) -> Iterator[tuple[str, str, Entry]]:
    for order in OWN:
        if order in own["faithfulness"]:
            yield f"faithfulness-{order}", *_faithful(order, own["faithfulness"])
    for kind in KINDS:
        if kind in own["reweighed"]:
            yield f"matters-{kind}", *_matters(kind, own["reweighed"])
    if own["layers"]:
        yield "learnt", *_learnt(own["layers"])
    if "over" in own["networks"]:
        yield "apart", *_apart(own["networks"])
    if own["gradients"]:
        yield "gradients", *_gradients(own["gradients"])


def _faithful(order: str, found: Mapping[str, Mapping[str, Entry]]) -> tuple[str, Entry]:
    over = found[order]["comprehensiveness_over"]
    answers = {
        "more": "the network needs these windows more than others",
        "less": "the network needs these windows less than others",
        "same": "the network needs these windows no more than others",
        "unclear": undecided(over),
    }
    drop, random = (found[name]["comprehensiveness"] for name in (order, BASELINE))
    sentence = (
        f"Masking the windows of the strongest {_RANKED[order]} lowers the probability of the predicted class by "
        f"{points(drop)}, masking random windows by {fixed(100 * random['value'], 1)} (difference {points(over)}, "
        f"{p_value(over['p_holm'])}, n = {count(over['n'])}): {answers[verdict(over)]}."
    )
    if "cue" in found:
        sentence += f" Masking the cue lowers it by {points(found['cue']['comprehensiveness'])}."
    return sentence, over


def _matters(kind: str, found: Mapping[str, Mapping[str, Entry]]) -> tuple[str, Entry]:
    own, over = found[kind], found[kind]["over"]
    answers = {
        "more": "the learnt weights help",
        "less": "the learnt weights harm",
        "same": "the learnt weights make no difference that could be shown",
        "unclear": undecided(over),
    }
    learnt = found[LEARNT]["uar"]["value"]
    sentence = (
        f"{_REPLACED[kind]} UAR is {percent_interval(own['uar'])} instead of {percentage(learnt)} (difference "
        f"{points(over)}, {p_value(over['p_holm'])}, n = {count(over['n'])}), and "
        f"{percentage(own['changed']['value'])} of the answers change: {answers[verdict(over)]}."
    )
    return sentence, over


def _learnt(layers: Mapping[str, Entry]) -> tuple[str, Entry]:
    layer, last = list(layers.items())[-1]
    how = "depends" if last["high"] < _ALIKE else "hardly depends"
    steps = ", ".join(f"{name} {fixed(entry['value'], 2)}" for name, entry in layers.items())
    return (
        f"With one layer after the other drawn anew, attention correlates with what it was by {steps} "
        f"(by rank, where 1 is no change, n = {count(last['n'])}): once all layers to the {layer} are new, "
        f"{interval(last)}, so attention {how} on what was learnt."
    ), last


_ALIKE = 0.5
"""Mean rank correlation from which randomised attention is called like the trained one: our choice."""


def _apart(found: Mapping[str, Entry]) -> tuple[str, Entry]:
    over = found["over"]
    answers = {
        "more": "tasks differ more than networks do",
        "less": "tasks differ less than networks do",
        "same": "tasks differ no more than networks do",
        "unclear": undecided(over),
    }
    return (
        f"Attention is {fixed(found['tasks']['value'], 3)} bits from that of the other tasks (Jensen-Shannon "
        f"divergence, where 0 is equal and 1 has no window in common); the networks of two folds are "
        f"{fixed(found['divergence']['value'], 3)} bits apart in the same task (difference {interval(over, 3)}, "
        f"{p_value(over['p_holm'])}, n = {count(over['n'])}): {answers[verdict(over)]}."
    ), over


def _gradients(found: Mapping[str, Entry]) -> tuple[str, Entry]:
    told = " and ".join(f"{interval(entry)} with {name} ({p_value(entry['p_holm'])})" for name, entry in found.items())
    least = next(iter(found.values()))
    agreeing = [name for name, entry in found.items() if verdict(entry) == "more"]
    meaning = (
        f"{' and '.join(agreeing)} point where they do"
        if len(agreeing) > 1
        else (f"{agreeing[0]} points where they do" if agreeing else "neither points where they do")
    )
    return (
        f"Integrated gradients on the waveform correlate by rank {told}, where 0 is no relation "
        f"(n = {count(least['n'])}): {meaning}."
    ), least
