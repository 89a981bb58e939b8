"""Utterances of one window, or few: nothing about them is 0/0, and what cannot be asked of them does not count."""

import json
import math
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attune.attention.findings import findings
from attune.attention.fits import fit
from attune.attention.measures import KEY, Heard, measure
from attune.attention.probing.findings import findings as told_of_probes
from attune.attention.probing.reweighing import reweighed
from attune.attention.probing.summary import Estimates, Tables
from attune.attention.probing.summary import summarise as summarise_probes
from attune.attention.summary import Means, summarise
from attune.attention.windows import energy
from attune.evaluation.bootstrap import draw, holm, mean
from attune.evaluation.clustered import Clustered
from attune.model import systems
from attune.model.bundle import Description, Model
from attune.signal import covered, window_count
from attune.steps.probing import attention_tables
from attune.tasks import TASKS

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("error")]

WINDOWS = st.lists(st.integers(1, 4), min_size=1, max_size=30)


class Sounds(dict):
    """A store in memory."""

    def samples(self, utterance):
        return len(self[utterance])


def estimates_over(names):
    order = pd.Index(names)
    draws = draw(np.arange(len(names)) % 3, np.arange(len(names)) % 5, resamples=50, seed=1)
    actual = pd.DataFrame({task: np.arange(len(names)) % 3 for task in TASKS}, index=order)
    who = pd.DataFrame({"speaker": np.arange(len(names)) % 3, "dialog": np.arange(len(names)) % 5}, index=order)
    clustered = Clustered(order, draws, 0.95, actual, who=who)
    means = Means(lambda values, _: mean(values.reindex(order), draws, 0.95), holm, 20, 1, 0.95)
    return Estimates(
        clustered.mean, partial(clustered.mean, share=True), clustered.uar, clustered.difference, holm
    ), means


def check_numbers(found):
    text = json.dumps(found, allow_nan=True)
    assert "NaN" not in text
    assert "Infinity" not in text


def check_sentences(told):
    for one in told:
        assert not re.search(r"\bnan\b", one.sentence)
        assert all(math.isfinite(value) for value in (one.numbers or {}).values())


@example([1, 1, 1, 3, 4], 16384, False)
@given(WINDOWS, st.integers(0, 2**31), st.booleans())
@settings(max_examples=15)
def test_every_measure_of_short_attention_is_a_number_or_does_not_count(windows, seed, flat):
    rng = np.random.default_rng(seed)
    heard, weights = {}, {}
    for number, length in enumerate(windows):
        name, inside = f"u{number:02d}", rng.random(length) < 0.5
        begin, end = sorted(rng.integers(0, length + 1, 2))
        inside = (np.arange(length) >= begin) & (np.arange(length) < end)
        heard[name] = Heard(rng.normal(-30, 0 if flat else 5, length), inside, dict.fromkeys(TASKS, rng.normal()))
        weights[name] = {
            task: np.full(length, 1 / length) if flat else rng.dirichlet(np.ones(length)) for task in TASKS
        }
    rows = [("net", "f", name, task, own) for name, by in weights.items() for task, own in by.items()]
    fits = {"net": fit(weights, heard, weights)}
    table = measure([pd.DataFrame(rows, columns=[*KEY, "weights"])], heard, fits)
    found = summarise(table, fits, estimates_over(sorted(heard))[1])["net"]
    check_numbers(found.measures)
    check_sentences(findings({"net": found.measures}, cues_known=True))


@pytest.fixture(scope="module")
def model():
    built = systems.named("mtl-att")
    networks = {name: built.build(name, dropout=0.0, seed=1).eval() for name in built.networks}
    scale = {"mean": 0.0, "std": 0.1, "class_values": {task: [1.5, 3.0, 4.5] for task in TASKS}, "seed": 1}
    description = Description(protocol="loso5", system="mtl-att", fold="s", best_epoch={"joint": 1}, **scale)
    return Model(description, networks, torch.device("cpu"), weights_sha256="")


@pytest.mark.parametrize(("samples", "cues"), [([100], False), ([1, 640, 800, 960, 1600], True)], ids=str)
def test_short_sounds_are_probed_and_what_says_nothing_is_left_out(model, samples, cues):
    rng = np.random.default_rng(1)
    sounds = Sounds({f"u{n}": (0.1 * rng.normal(size=size)).astype(np.float32) for n, size in enumerate(samples)})
    heard = {
        name: Heard(energy(sound), np.arange(window_count(len(sound))) == 0 if cues else None)
        for name, sound in sounds.items()
    }
    probes = dict(attention_tables.probe_each(model, list(sounds), sounds))
    known = attention_tables.Known(model, sounds, heard, probes)
    names = list(sounds)
    tables = Tables(
        masked=attention_tables.masked(known, names, 1),
        reweighed=reweighed(probes, 1),
        layers=attention_tables.layers(known, names, 1),
        networks=attention_tables.divergences(known, names, model),
        gradients=attention_tables.gradients(known, names),
    )
    found = {"net": summarise_probes(tables, list(TASKS), estimates_over(names)[0])}
    check_numbers(found)
    check_sentences(told_of_probes(found))
    of_one_window = [name for name in names if len(sounds[name]) < covered(2)]
    about = tables.layers[tables.layers["utterance"].isin(of_one_window)]
    assert about["correlation"].isna().all(), "one window has no order, so nothing correlates with it"
