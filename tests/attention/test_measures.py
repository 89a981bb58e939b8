"""Measures, summaries and findings of attention that was planted."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from attune.attention.findings import findings
from attune.attention.measures import Heard, check, measure
from attune.attention.summary import Means, summarise
from attune.errors import AttuneError
from attune.evaluation.bootstrap import draw, holm, mean
from attune.params import TASKS

UTTERANCES = [f"u{i:02d}" for i in range(60)]


def level(known):
    return (known.energy - known.energy.mean()) / known.energy.std()


PLANTED = {
    "cue": lambda known, rng: known.cue.astype(float),
    "loud": lambda known, rng: np.exp(level(known)),
    "quiet": lambda known, rng: np.exp(-level(known)),
    "uniform": lambda known, rng: np.ones(len(known.energy)),
    "random": lambda known, rng: rng.random(len(known.energy)),
}


def planted(rng, kind, known):
    weights = PLANTED[kind](known, rng)
    return (weights / weights.sum()).astype(np.float32)


@pytest.fixture(scope="module")
def heard():
    rng = np.random.default_rng(1)
    known = {}
    for utterance in UTTERANCES:
        windows = int(rng.integers(40, 90))
        first = int(rng.integers(0, windows // 2))
        cue = np.zeros(windows, dtype=bool)
        cue[first : first + windows // 3] = True
        known[utterance] = Heard(np.convolve(rng.normal(size=windows + 7), np.ones(8), mode="valid"), cue)
    return known


def rows_of(heard, kinds, system="mtl-att"):
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        [
            {
                "system": system,
                "fold": "session1",
                "utterance": u,
                "task": task,
                "weights": planted(rng, kind, heard[u]),
            }
            for u in heard
            for task, kind in zip(TASKS, kinds, strict=True)
        ]
    )


def means_of(utterances):
    order = sorted(utterances)
    draws = draw([u[1] for u in order], [u[1] for u in order], resamples=200, seed=1)
    estimate = partial(mean, draws=draws, confidence=0.95)
    return Means(lambda values: estimate(values.reindex(order)), holm)


def summary_of(heard, kinds, shifts=199):
    table, nulls = measure(rows_of(heard, kinds), heard, shifts=shifts, seed=1)
    return summarise(table, nulls, means_of(heard), 0.95)["mtl-att"]


def test_attention_on_the_cue_hits_it_always_and_uniform_attention_as_often_as_its_share(heard):
    summary = summary_of(heard, ("cue", "uniform", "random"))
    share = np.mean([known.cue.mean() for known in heard.values()])
    assert summary["arousal"]["cue_hit"]["value"] == 1
    assert summary["arousal"]["cue_mass"]["value"] == pytest.approx(1)
    assert summary["arousal"]["cue_precision"]["value"] == 1
    for measure_name in ("cue_hit", "cue_mass", "cue_precision", "cue_share"):
        assert summary["valence"][measure_name]["value"] == pytest.approx(share, abs=1e-6)
    assert summary["valence"]["entropy"]["value"] == pytest.approx(1)
    over = summary["dominance"]["cue_hit_over_chance"]
    assert over["low"] <= 0 <= over["high"]


def test_attention_that_is_energy_follows_it_and_hits_as_energy_does(heard):
    summary = summary_of(heard, ("loud", "quiet", "random"))
    assert summary["arousal"]["energy_correlation"]["value"] == pytest.approx(1)
    assert summary["valence"]["energy_correlation"]["value"] == pytest.approx(-1)
    assert summary["arousal"]["energy_above_null"]["value"] == 1
    assert summary["valence"]["energy_below_null"]["value"] == 1
    assert summary["arousal"]["cue_hit_over_energy"]["value"] == 0
    assert summary["arousal"]["energy_correlation"]["p"] == 1 / 200
    assert summary["arousal"]["energy_correlation"]["p_holm"] == pytest.approx(3 / 200)
    null = summary["dominance"]["energy_null"]
    assert null["low"] < summary["dominance"]["energy_correlation"]["value"] < null["high"]


def test_divergence_is_between_the_tasks_of_the_same_utterance(heard):
    summary = summary_of(heard, ("uniform", "uniform", "cue"))
    assert summary["arousal"]["divergence_valence"]["value"] == 0
    assert summary["arousal"]["divergence_dominance"] == summary["dominance"]["divergence_arousal"]
    assert "divergence_arousal" not in summary["arousal"]


def test_what_does_not_apply_is_left_out_and_counted():
    rng = np.random.default_rng(3)
    some, half = rng.normal(size=50), np.arange(50) < 25
    odd = {
        "a: single window": Heard(np.array([-20.0]), np.array([True])),
        "b: silence": Heard(np.full(50, -100.0), half),
        "c: cue unknown": Heard(some, None),
        "d: cue everywhere": Heard(some, np.ones(50, dtype=bool)),
        "e: nothing odd": Heard(some, half),
    }
    own = summary_of(odd, ("random",) * 3, shifts=20)["arousal"]
    left_out = {
        name: own[name]["excluded"] for name in ("effective_windows", "entropy", "energy_correlation", "cue_hit")
    }
    assert left_out == {"effective_windows": 0, "entropy": 1, "energy_correlation": 2, "cue_hit": 3}
    assert all(np.isfinite(list(entry.values())).all() for entry in own.values())


def test_a_measure_that_never_applies_is_absent():
    silent = {u: Heard(np.full(30, -100.0), None) for u in UTTERANCES[:5]}
    summary = summary_of(silent, ("uniform",) * 3)
    assert not [name for name in summary["arousal"] if name.startswith(("cue", "energy"))]
    assert findings({"mtl-att": summary}, cues_known=False)


def test_no_rows_make_no_summary():
    table, nulls = measure(
        rows_of({}, ()).reindex(columns=["system", "fold", "utterance", "task"]), {}, shifts=20, seed=1
    )
    assert table.empty
    assert summarise(table, nulls, Means(None, None), 0.95) == {}


def test_findings_say_what_was_found_and_what_was_not(heard):
    summary = summary_of(heard, ("cue", "loud", "uniform"))
    told = findings({"mtl-att": summary, "stl": None}, cues_known=True)

    def of(task):
        return " ".join(sentence for sentence in told if sentence.startswith(f"mtl-att, {task}:"))

    assert "finds the cue more often than chance (100% [100, 100] of utterances" in of("arousal")
    assert "finds the cue more often than the loudest window" in of("arousal")
    assert "prefers loud windows" in of("valence")
    assert "contradicts what the paper says of IEMOCAP, that valence attention prefers low amplitude" in of("valence")
    assert "finds the cue no more often than the loudest window" in of("valence")
    assert "nearly uniform" in of("dominance")
    assert "finds the cue no more often than chance" in of("dominance")
    assert "stl has no attention." in told


def test_findings_agree_with_the_paper_where_the_numbers_do(heard):
    told = findings({"mtl-att": summary_of(heard, ("loud", "quiet", "loud"))}, cues_known=True)
    assert sum("agrees with what the paper says" in sentence for sentence in told) == 3


def test_a_correlation_that_shifts_give_as_well_is_no_finding(heard):
    summary = summary_of(heard, ("loud",) * 3)
    for own in summary.values():
        own["energy_correlation"]["p_holm"] = 0.06
    told = findings({"mtl-att": summary}, cues_known=True)
    assert sum("does not follow energy" in sentence and "does not bear out" in sentence for sentence in told) == 3


def test_an_unknown_cue_is_said_to_be_unknown(heard):
    blind = {utterance: Heard(known.energy, None) for utterance, known in heard.items()}
    summary = summary_of(blind, ("random",) * 3)
    assert not [name for name in summary["arousal"] if name.startswith("cue")]
    assert "cannot be judged" in findings({"mtl-att": summary}, cues_known=False)[-1]


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        (np.full(7, 1 / 7), "7 weights for 10 windows"),
        (np.full(10, 0.2), "sum to 1"),
        (np.full(10, np.nan), "sum to 1"),
        (np.array([1.5, -0.5] + [0] * 8), "sum to 1"),
    ],
)
def test_weights_that_are_not_the_windows_are_refused(weights, match):
    row = {"system": "mtl-att", "fold": "session1", "utterance": "u", "task": "arousal", "weights": weights}
    with pytest.raises(AttuneError, match=match):
        check(pd.DataFrame([row]), {"u": Heard(np.arange(10.0), None)})
