"""The results of probing the networks, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from attune.attention.findings import Verdict, meaning, undecided, verdict
from attune.attention.probing.faithfulness import MIDDLE, OWN
from attune.attention.probing.masking import FILLS
from attune.attention.probing.reweighing import KINDS, LEARNT
from attune.attention.probing.summary import BASELINE
from attune.attention.summary import Entry
from attune.findings import Finding
from attune.numbers import count, fixed, interval, listed, p_value, percent_interval, percentage, points, signed

_RANKED = {"attention": "attention", "contribution": "contribution to the predicted class"}
_WHO = {"attention": "attention", "contribution": "the contribution"}
_REPLACED = {
    "uniform": "With uniform weights",
    "permuted": "With its weights in random order",
    "frozen": "With the mean weights of other utterances",
}


def findings(systems: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Return the findings about every system, from `attune.attention.probing.summary.summarise` by system."""
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
            yield f"sufficiency-{order}", *_sufficient(order, own["faithfulness"])
    if set(FILLS) <= set(own["fills"]):
        yield "fills", *_fills(own["fills"])
    for kind in KINDS:
        if kind in own["reweighed"]:
            yield f"matters-{kind}", *_matters(kind, own["reweighed"])
    if "over" in own["learnt"]:
        yield "learnt", *_learnt(own)
    if "over" in own["networks"]:
        yield "apart", *_apart(own["networks"])
    for name in OWN:
        if f"{name}_over" in own["gradients"]:
            yield f"gradients-{name}", *_gradients(name, own["gradients"])


def _faithful(order: str, found: Mapping[str, Mapping[str, Entry]]) -> tuple[str, Entry]:
    over = found[order]["comprehensiveness_over"]
    answers: dict[Verdict, str] = {
        "more": "the network needs these windows more than others",
        "less": "the network needs these windows less than others",
        "same": "the network needs these windows no more than others",
        "unclear": undecided(over),
    }
    drop, random = (found[name]["comprehensiveness"] for name in (order, BASELINE))
    fallen = _moves(drop, "the probability of the predicted class")
    sentence = (
        f"Masking the windows of the strongest {_RANKED[order]} {fallen}, "
        f"masking random windows {_moves(random, 'it')} (difference in loss {points(over)}, "
        f"{p_value(over['p_holm'])}, n = {count(over['n'])}): {meaning(answers, verdict(over))}."
    )
    if "cue" in found:
        sentence += f" Masking the whole cue {_moves(found['cue']['comprehensiveness'], 'it')}."
    return sentence, over


def _sufficient(order: str, found: Mapping[str, Mapping[str, Entry]]) -> tuple[str, Entry]:
    over = found[order]["sufficiency_over"]
    answers: dict[Verdict, str] = {
        "more": "these windows suffice better than others",
        "less": "these windows suffice less well than others",
        "same": "these windows suffice no better than others",
        "unclear": undecided(over),
    }
    drop, random = (found[name]["sufficiency"] for name in (order, BASELINE))
    sentence = (
        f"Masking all but the windows of the strongest {_RANKED[order]} "
        f"{_moves(drop, 'the probability of the predicted class')}, masking all but random windows "
        f"{_moves(random, 'it')} (difference in what is left {points(over)}, {p_value(over['p_holm'])}, "
        f"n = {count(over['n'])}): {meaning(answers, verdict(over))}."
    )
    if "cue" in found:
        sentence += f" Masking all but the cue {_moves(found['cue']['sufficiency'], 'it')}."
    return sentence, over


def _fills(found: Mapping[str, Mapping[str, Entry]]) -> tuple[str, Entry]:
    """Say whether it depends on the sound in place of the masked one that attention costs more than random windows."""
    drops = [(found[fill]["attention"], found[fill][BASELINE]) for fill in FILLS]
    more = {own["value"] > random["value"] for own, random in drops}
    if len(more) == 2:
        meaning = "which of the two costs more depends on the replacement"
    else:
        meaning = f"with each of them attention's sound costs {'more' if more == {True} else 'no more'} on average"
    told = [
        f"by {_FILLED[fill]} {signed(-100 * own['value'], 1)} points ({signed(-100 * random['value'], 1)})"
        for fill, (own, random) in zip(FILLS, drops, strict=True)
    ]
    return (
        f"Replacing the {percentage(MIDDLE, 0)} of the sound with the strongest attention changes the probability of "
        f"the predicted class (in brackets: replacing random windows): {listed(told)} "
        f"(n = {count(drops[0][0]['n'])}): {meaning}."
    ), drops[0][0]


_FILLED = {"noise": "noise", "silence": "silence", "neighbour": "neighbouring sound"}


def _moves(drop: Entry, what: str) -> str:
    """Return in words how far a probability falls, or rises if its loss is negative."""
    if drop["value"] >= 0:
        return f"lowers {what} by {points(drop)}"
    return f"raises {what} by {points({'value': -drop['value'], 'low': -drop['high'], 'high': -drop['low']})}"


def _matters(kind: str, found: Mapping[str, Mapping[str, Entry]]) -> tuple[str, Entry]:
    own, over = found[kind], found[kind]["over"]
    answers: dict[Verdict, str] = {
        "more": "the learnt weights help",
        "less": "the learnt weights harm",
        "same": "the learnt weights make no difference",
        "unclear": undecided(over),
    }
    learnt = found[LEARNT]["uar"]["value"]
    sentence = (
        f"{_REPLACED[kind]} UAR is {percent_interval(own['uar'])} instead of {percentage(learnt)} (difference "
        f"{points(over)}, {p_value(over['p_holm'])}, n = {count(over['n'])}), and "
        f"{percentage(own['changed']['value'])} of the answers change: {meaning(answers, verdict(over))}."
    )
    return sentence, over


def _learnt(own: Mapping[str, Any]) -> tuple[str, Entry]:
    layers, over = own["layers"], own["learnt"]["over"]
    layer, last = list(layers.items())[-1]
    answers: dict[Verdict, str] = {
        "more": "a network that has learnt nothing attends partly alike",
        "less": "without what was learnt it attends elsewhere",
        "same": "without what was learnt, only its preferred positions remain",
        "unclear": undecided(over),
    }
    steps = ", ".join(f"{name} {fixed(entry['value'], 2)}" for name, entry in layers.items())
    return (
        f"With one layer after the other randomised, attention's rank correlation with the original is: {steps}, where "
        f"1 is no change. With all randomised, down to the {layer}, it is {interval(last)}; other utterances' "
        f"attention at the same position gives {fixed(own['learnt']['expected']['value'], 2)} (difference "
        f"{interval(over)}, {p_value(over['p_holm'])}, n = {count(over['n'])}): {meaning(answers, verdict(over))}."
    ), over


def _apart(found: Mapping[str, Entry]) -> tuple[str, Entry]:
    over = found["over"]
    answers: dict[Verdict, str] = {
        "more": "tasks differ more than networks of two folds do",
        "less": "tasks differ less than networks of two folds do",
        "same": "tasks differ no more than networks of two folds do",
        "unclear": undecided(over),
    }
    return (
        f"Attention is {fixed(found['tasks']['value'], 3)} bits away from that of the other tasks (Jensen-Shannon "
        f"divergence, where 0 is equal and 1 has no window in common); the networks of two folds, which heard "
        f"different speakers, are {fixed(found['divergence']['value'], 3)} bits apart in the same task (difference "
        f"{interval(over, 3)}, {p_value(over['p_holm'])}, n = {count(over['n'])}): {meaning(answers, verdict(over))}."
    ), over


def _gradients(name: str, found: Mapping[str, Entry]) -> tuple[str, Entry]:
    over, who = found[f"{name}_over"], _WHO[name]
    answers: dict[Verdict, str] = {
        "more": f"{who} points where they do more than its position explains",
        "less": f"{who} points where they do less than its position explains",
        "same": f"{who} points where they do no more than its position explains",
        "unclear": undecided(over),
    }
    return (
        f"{_RANKED[name].capitalize()} correlates by rank with integrated gradients on the waveform by "
        f"{interval(found[name])}; that of other utterances at the same position gives "
        f"{fixed(found[f'{name}_expected']['value'], 2)} (difference {interval(over)}, {p_value(over['p_holm'])}, "
        f"n = {count(over['n'])}): {meaning(answers, verdict(over))}."
    ), over
