"""Measures and summaries of attention that was planted."""

import numpy as np
import pytest
from planted import UTTERANCES, means_of, summary_of

from attune.attention.measures import Heard, check, measure
from attune.attention.summary import summarise
from attune.errors import AttuneError


def test_attention_on_the_cue_hits_it_always_and_uniform_attention_as_often_as_its_share(heard):
    summary = summary_of(heard, ("cue", "uniform", "random"))
    share = np.mean([known.cue.mean() for known in heard.values()])
    assert summary["arousal"]["cue_hit"]["value"] == 1
    assert summary["arousal"]["cue_mass"]["value"] == pytest.approx(1)
    assert summary["arousal"]["cue_precision"]["value"] == 1
    assert summary["arousal"]["cue_hit_over"]["p"] == 1 / 200
    assert summary["arousal"]["cue_hit_over"]["p_holm"] == pytest.approx(3 / 200)
    for measure_name in ("cue_hit", "cue_mass", "cue_precision", "cue_share"):
        assert summary["valence"][measure_name]["value"] == pytest.approx(share, abs=1e-6)
    assert summary["valence"]["entropy"]["value"] == pytest.approx(1)
    over = summary["dominance"]["cue_hit_over"]
    assert over["low"] <= 0 <= over["high"]


def test_a_difference_is_the_value_less_what_position_leads_to_expect(heard):
    summary = summary_of(heard, ("cue", "loud", "random"))
    for own in summary.values():
        for name in ("cue_hit", "cue_mass", "loudest_hit", "energy_correlation"):
            difference = own[name]["value"] - own[f"{name}_expected"]["value"]
            assert own[f"{name}_over"]["value"] == pytest.approx(difference)


def test_attention_that_is_energy_follows_it_and_hits_as_energy_does(heard):
    summary = summary_of(heard, ("loud", "quiet", "random"))
    assert summary["arousal"]["energy_correlation"]["value"] == pytest.approx(1)
    assert summary["valence"]["energy_correlation"]["value"] == pytest.approx(-1)
    assert summary["arousal"]["cue_hit"]["value"] == summary["arousal"]["loudest_hit"]["value"]
    assert summary["arousal"]["energy_correlation_over"]["p"] == 1 / 200
    expected = summary["dominance"]["energy_correlation_expected"]
    assert expected["low"] < summary["dominance"]["energy_correlation"]["value"] < expected["high"]


def test_attention_that_always_points_at_the_middle_is_not_said_to_find_cues_that_lie_there():
    rng = np.random.default_rng(4)
    heard = {}
    for i in range(60):
        start = rng.uniform(0.2, 0.45)
        places = np.arange(int(rng.integers(40, 90)))
        inside = (places >= start * len(places)) & (places < (start + 0.35) * len(places))
        heard[f"u{i:02d}"] = Heard(rng.normal(size=len(places)), inside)
    own = summary_of(heard, ("middle",) * 3)["arousal"]
    assert own["cue_hit"]["value"] > 0.8 > 0.4 > own["cue_share"]["value"]
    assert own["cue_hit_over"]["p"] > 0.05
    assert own["cue_hit_over"]["low"] <= 0 <= own["cue_hit_over"]["high"]


def test_utterances_with_a_strong_emotion_are_summarised_by_themselves(heard):
    felt = {u: {"arousal": 2.0 if i % 3 == 0 else 0.2} for i, u in enumerate(heard)}
    known = {u: Heard(one.energy, one.cue, felt[u]) for u, one in heard.items()}
    summary = summary_of(known, ("cue", "random", "random"))
    assert summary["arousal"]["cue_hit_strong"]["n"] == 20
    assert summary["arousal"]["cue_hit_strong_over"]["p"] < 0.05
    assert "cue_hit_strong" not in summary["valence"]


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
    own = summary_of(odd, ("random",) * 3, rounds=20)["arousal"]
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
    table = measure([], {}, {})
    assert table.empty
    assert summarise(table, {}, means_of([])) == {}


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
    with pytest.raises(AttuneError, match=match):
        check(("mtl-att", "session1", "u", "arousal"), weights, 10)
