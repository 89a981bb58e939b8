"""What the numbers say, in sentences; that nothing was found is said as plainly as that something was."""

from collections.abc import Iterator, Mapping

from attune.attention.summary import Entry, Summary
from attune.findings import Finding
from attune.params import TASKS

SIGNIFICANT = 0.05
NEARLY_UNIFORM = 0.95
"""Normalised entropy from which attention is called nearly uniform: our choice."""

CLAIMED = {
    "arousal": (1, "arousal attention follows amplitude"),
    "valence": (-1, "valence attention prefers low amplitude"),
    "dominance": (1, "dominance attention is partly on high amplitude"),
}
"""What the paper says of two IEMOCAP files, without statistics (Zhang et al. 2019): the sign, the claim."""


def findings(summaries: Mapping[str, Summary | None], *, cues_known: bool) -> list[Finding]:
    """What was found about every system, None standing for one without attention."""
    found: list[Finding] = []
    for system, summary in summaries.items():
        if summary is None:
            found.append(Finding(system, None, "absent", "It has no attention."))
            continue
        for task in TASKS:
            found += [
                Finding(system, task, kind, sentence, numbers)
                for kind, sentence, numbers in _of_task(task, summary[task])
            ]
    if not cues_known:
        found.append(Finding(None, None, "cue", _CUES_UNKNOWN))
    return found


_CUES_UNKNOWN = "The corpus does not say where its cues are, so whether attention finds them cannot be judged."


def _of_task(task: str, measures: dict[str, Entry]) -> Iterator[tuple[str, str, Entry]]:
    """Kind, sentence and numbers of everything that was measured."""
    if "entropy" in measures:
        yield "entropy", _entropy(measures["entropy"], measures["effective_windows"]), measures["entropy"]
    if "energy_correlation" in measures:
        yield "energy", _energy(task, measures["energy_correlation"]), measures["energy_correlation"]
    if "cue_hit" in measures:
        yield "cue", _cue_by_chance(measures), measures["cue_hit_over_chance"]
        yield "cue-or-energy", _cue_by_energy(measures), measures["cue_hit_over_energy"]


def _entropy(entropy: Entry, effective: Entry) -> str:
    how = "is nearly uniform" if entropy["low"] > NEARLY_UNIFORM else "is not uniform"
    windows = f"as spread out as over {effective['value']:.0f} windows"
    return f"Attention {how}, {windows} (normalised entropy {_spread(entropy)})."


def _energy(task: str, correlation: Entry) -> str:
    sign, claim = CLAIMED[task]
    direction = _direction(correlation) if correlation["p_holm"] <= SIGNIFICANT else 0
    how = {1: "prefers loud windows", -1: "prefers quiet windows", 0: "does not follow energy"}[direction]
    agrees = {sign: "agrees with", 0: "does not bear out", -sign: "contradicts"}[direction]
    numbers = f"rank correlation {_spread(correlation)}, p {correlation['p_holm']:.3f} against shifts, Holm"
    return f"Attention {how} ({numbers}); this {agrees} what the paper says of IEMOCAP, that {claim}."


def _cue_by_chance(measures: dict[str, Entry]) -> str:
    how = _often(measures["cue_hit_over_chance"])
    return (
        f"Attention finds the cue {how} chance "
        f"({_percent(measures['cue_hit'])} of utterances, chance {100 * measures['cue_share']['value']:.0f}%)."
    )


def _cue_by_energy(measures: dict[str, Entry]) -> str:
    how = _often(measures["cue_hit_over_energy"])
    return (
        f"Attention finds the cue {how} the loudest window does "
        f"({_percent(measures['cue_hit'])} against {100 * measures['cue_hit_energy']['value']:.0f}%)."
    )


def _often(difference: Entry) -> str:
    return {1: "more often than", -1: "less often than", 0: "no more often than"}[_direction(difference)]


def _direction(entry: Entry) -> int:
    """1 or -1 where the whole interval is above or below zero, else 0."""
    return int(entry["low"] > 0) - int(entry["high"] < 0)


def _spread(entry: Entry) -> str:
    return f"{entry['value']:z.2f} [{entry['low']:z.2f}, {entry['high']:z.2f}]"


def _percent(entry: Entry) -> str:
    value, low, high = (100 * entry[name] for name in ("value", "low", "high"))
    return f"{value:.0f}% [{low:.0f}, {high:.0f}]"
