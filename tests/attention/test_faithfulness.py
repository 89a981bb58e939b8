"""Masking against a predictor whose needs are known: it hears one second and nothing else."""

import numpy as np
import pytest

from attune.attention.probing.faithfulness import SHARES, Subject, areas, curves
from attune.signal import window_count

SECONDS = 3
RATE = 16000
NEEDED = slice(RATE, 2 * RATE)
TASKS = ("arousal", "valence")


def predict(sounds):
    """Arousal: sure of high as far as the needed second is as it was (a tone of 0.5). Valence: does not listen."""
    found = []
    for sound in sounds:
        intact = float(np.isclose(np.abs(sound[NEEDED]), 0.5).mean())
        high = 1 / 3 + 0.6 * intact
        found.append(
            {"arousal": np.array([(1 - high) / 2, (1 - high) / 2, high]), "valence": np.array([0.7, 0.2, 0.1])}
        )
    return found


@pytest.fixture(scope="module")
def table():
    waveform = np.full(SECONDS * RATE, 0.5, dtype=np.float32)
    windows = window_count(len(waveform))
    centres = (160 * np.arange(windows) + 320) / RATE
    needed = (centres >= 1) & (centres < 2)
    right, wrong = np.where(needed, 1.0, 0.01), np.where(needed, 0.01, 1.0)
    weights = {task: {"attention": right / right.sum(), "contribution": wrong / wrong.sum()} for task in TASKS}
    energy = np.where(centres < 1, -10.0, -30.0)
    return curves(Subject("u", waveform, energy, needed, weights), predict, [1])


def drop(table, order, share, mode, task="arousal", fill="noise"):
    rows = table[
        (table["order"] == order) & (table["mode"] == mode) & (table["task"] == task) & (table["fill"] == fill)
    ]
    return float(rows.loc[rows["share"].sub(share).abs().idxmin(), "drop"])


def test_removing_what_is_needed_costs_in_proportion_and_removing_the_rest_costs_nothing(table):
    assert drop(table, "attention", 0.1, "removed") == pytest.approx(0.6 * 0.3, abs=0.02)
    assert drop(table, "attention", 0.3, "removed") == pytest.approx(0.6 * 0.9, abs=0.02)
    assert drop(table, "contribution", 0.5, "removed") == pytest.approx(0, abs=0.02)
    assert drop(table, "loudest", 0.3, "removed") == pytest.approx(0, abs=0.02)


def test_what_is_needed_suffices_and_the_rest_does_not(table):
    assert drop(table, "attention", 0.5, "only") == pytest.approx(0, abs=0.02)
    assert drop(table, "contribution", 0.5, "only") == pytest.approx(0.6, abs=0.02)
    assert drop(table, "cue", 1 / 3, "only") == pytest.approx(0, abs=0.03)


def test_the_cue_is_the_upper_bound_of_a_share_of_its_size(table):
    cue = drop(table, "cue", 1 / 3, "removed")
    assert cue == pytest.approx(0.6, abs=0.03)
    others = ("attention", "random windows", "random block", "loudest", "quietest")
    assert all(drop(table, order, 0.3, "removed") <= cue for order in others)


def test_random_windows_cost_their_share_on_average(table):
    assert drop(table, "random windows", 0.3, "removed") == pytest.approx(0.6 * 0.3, abs=0.12)


def test_a_task_that_does_not_listen_loses_nothing(table):
    assert table.loc[table["task"] == "valence", "drop"].abs().max() == 0


def test_every_way_of_filling_is_tried_on_attention_random_windows_and_the_cue(table):
    for fill in ("silence", "neighbour"):
        orders = set(table.loc[table["fill"] == fill, "order"])
        assert orders == {"attention", "random windows", "cue"}
    assert drop(table, "attention", 0.3, "removed", fill="silence") == pytest.approx(0.54, abs=0.02)
    assert drop(table, "attention", 0.3, "removed", fill="neighbour") == pytest.approx(0, abs=0.01), "a tone is a tone"


def test_areas_are_the_drops_averaged_over_the_shares(table):
    wide = areas(table).loc[("u", "arousal")]
    expected = np.mean([drop(table, "attention", share, "removed") for share in SHARES])
    assert wide["attention", "removed"] == pytest.approx(expected)
    assert wide["attention", "removed"] > wide["random windows", "removed"] > wide["contribution", "removed"]


def test_a_task_is_masked_by_its_own_attention_only(table):
    assert not table.duplicated(["task", "fill", "order", "share", "mode"]).any()
