"""What probing the networks says, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from attune.attention.faithfulness import OWN
from attune.attention.findings import verdict
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
    if own["gradients"]:
        yield "gradients", *_gradients(own["gradients"])


def _faithful(order: str, found: Mapping[str, Mapping[str, Entry]]) -> tuple[str, Entry]:
    over = found[order]["comprehensiveness_over"]
    answers = {
        "more": "the network needs these windows more than others",
        "less": "the network needs these windows less than others",
        "same": "the network needs these windows no more than others",
        "unclear": "undecided",
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
        "unclear": "undecided",
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
        f"With one layer after the other drawn anew, attention correlates with what it was by {steps} (rank "
        f"correlation, n = {count(last['n'])}): once all layers to the {layer} are new, {interval(last)}, so attention "
        f"{how} on what was learnt."
    ), last


_ALIKE = 0.5
"""Mean rank correlation from which randomised attention is called like the trained one: our choice."""


def _gradients(found: Mapping[str, Entry]) -> tuple[str, Entry]:
    told = "; ".join(f"with {name} {interval(entry)}" for name, entry in found.items())
    least = next(iter(found.values()))
    return f"Integrated gradients on the waveform correlate by rank {told} (n = {count(least['n'])}).", least
