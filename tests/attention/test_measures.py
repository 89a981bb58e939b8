"""Measures and summaries of attention that was planted."""

import numpy as np
import pandas as pd
import pytest
from planted import UTTERANCES, rows_of, summary_of

from attune.attention.measures import Heard, check, measure
from attune.attention.summary import Means, summarise
from attune.errors import AttuneError


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


def test_no_rows_make_no_summary():
    table, nulls = measure(
        rows_of({}, ()).reindex(columns=["system", "fold", "utterance", "task"]), {}, shifts=20, seed=1
    )
    assert table.empty
    assert summarise(table, nulls, Means(None, None), 0.95) == {}


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
