"""How often do the tests of attention reject: where there is nothing to find, and where something was planted?

    python benchmarks/attention_simulation.py

Simulated utterances: quiet ends, a cue in the middle half, attention that wanders smoothly over the windows and
prefers the edges. With an effect, attention and cue, and attention and level, have something to do with each other;
level and cue never have.
"""

import argparse
from collections import Counter
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from attune.attention.fits import fit
from attune.attention.measures import Heard
from attune.attention.ranks import correlations

Array = NDArray[np.float64]

ROUNDS = 199
LEVEL = 0.05
TESTS = ("cue_hit", "cue_hit_strong", "cue_mass", "contribution_hit", "energy_correlation", "loudest_hit")


def smooth(rng: np.random.Generator, windows: int, width: int = 12) -> Array:
    """A series whose neighbours resemble each other, with variance 1."""
    series = np.convolve(rng.normal(size=windows + width), np.ones(width), mode="valid")[:windows]
    return series / np.sqrt(width)


def utterance(rng: np.random.Generator, effect: float) -> tuple[Heard, Array]:
    """An utterance and its attention; `effect` in standard deviations of what attention does at random."""
    windows = int(rng.integers(80, 180))
    start, share = rng.uniform(0.15, 0.45), rng.uniform(0.25, 0.4)
    places = np.arange(windows) / windows
    cue = (places >= start) & (places < start + share)
    edges = np.abs(2 * places - 1) ** 3
    level = smooth(rng, windows)
    score = smooth(rng, windows) + 1.2 * edges + effect * cue + effect / 2 * level
    weights = np.exp(score)
    return Heard(-60 + 6 * level - 25 * edges, cue), weights / weights.sum()


@cache
def rejections(*, trials: int, utterances: int, effect: float) -> dict[str, float]:
    """Share of trials in which each test rejects at 5 %.

    Beside ours, two that do not fit: ``chance``, which takes the cue's share of windows for what hits should be, and
    ``shifted``, which turns attention round the utterance against its level.
    """
    counts: Counter[str] = Counter()
    for trial in range(trials):
        rng = np.random.default_rng([trial, utterances])
        pairs = {f"u{i:03d}": utterance(rng, effect) for i in range(utterances)}
        heard = {name: known for name, (known, _) in pairs.items()}
        weights = {name: {"task": own} for name, (_, own) in pairs.items()}
        more = np.random.default_rng([trial, utterances, 1])
        fits = fit(weights, heard, {name: {"task": _contributions(more, heard[name], effect)} for name in heard})
        strong = set(more.choice(sorted(pairs), utterances // 3, replace=False))
        for name in TESTS:
            chosen = strong if name.endswith("_strong") else set(pairs)
            fitted = fits.by_name["task", name.removesuffix("_strong")]
            test = fitted.test(chosen, rounds=ROUNDS, seed=trial, confidence=1 - LEVEL)
            counts[name] += test is not None and test.p <= LEVEL
        hits = np.array([known.cue[weights.argmax()] - known.cue.mean() for known, weights in pairs.values()])
        counts["chance"] += 2 * norm.sf(abs(hits.mean()) / (hits.std() / np.sqrt(len(hits)))) <= LEVEL
        counts["shifted"] += _shifted(list(pairs.values()), rng) <= LEVEL
    return {name: counts[name] / trials for name in (*TESTS, "chance", "shifted")}


def _contributions(rng: np.random.Generator, known: Heard, effect: float) -> Array:
    """A second attention of the same utterance."""
    windows = len(known.energy)
    weights = np.exp(smooth(rng, windows) + 1.2 * np.abs(2 * np.arange(windows) / windows - 1) ** 3)
    weights[known.cue] *= np.exp(effect)
    shares: Array = weights / weights.sum()
    return shares


def _shifted(pairs: list[tuple[Heard, Array]], rng: np.random.Generator) -> float:
    """Two-sided p of the mean correlation of attention and level against attention turned round at random."""
    sums, own = np.zeros(ROUNDS), 0.0
    for known, weights in pairs:
        shifts = rng.choice(len(weights), 8)
        found = correlations(np.stack([weights, *(np.roll(weights, shift) for shift in shifts)]), known.energy[None])
        own += float(found[0, 0])
        sums += rng.choice(found[1:, 0], ROUNDS)
    return float((np.abs(sums) >= abs(own)).sum() + 1) / (ROUNDS + 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--utterances", type=int, default=96)
    given = parser.parse_args()
    for effect in (0.0, 0.25, 0.5, 1.0):
        found = rejections(trials=given.trials, utterances=given.utterances, effect=effect)
        print(f"effect {effect:.2f}: " + ", ".join(f"{name} {100 * share:.1f} %" for name, share in found.items()))


if __name__ == "__main__":
    main()
