"""Figures: the same bytes every time, and nothing in them that a clock or a machine put there."""

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from planted import weights_of

from attune.attention.figures import draw
from attune.attention.fits import fit
from attune.attention.measures import Heard, measure
from attune.attention.summary import Means, summarise
from attune.tasks import TASKS

pytestmark = pytest.mark.slow


def heard_of(cue):
    rng = np.random.default_rng(1)
    return {f"u{i}": Heard(rng.normal(size=40), np.arange(40) < 12 if cue else None) for i in range(12)}


def measured(heard, systems=("mtl-att", "stl-att")):
    rng = np.random.default_rng(2)
    rows = [
        {"system": system, "fold": "f", "utterance": u, "task": task, "weights": rng.dirichlet(np.ones(40))}
        for system in systems
        for u in heard
        for task in TASKS
    ]
    rows = pd.DataFrame(rows)
    fits = {system: fit(weights_of(own), heard) for system, own in rows.groupby("system")}
    table = measure([rows], heard, fits)

    def estimate(values, _):
        return values.mean(), values.min(), values.max(), int(values.notna().sum())

    found = summarise(table, fits, Means(estimate, list, rounds=20, seed=1, confidence=0.95))
    return table, {system: own.measures for system, own in found.items()}


@pytest.mark.parametrize(
    ("cue", "names"), [(True, ["cue", "energy", "entropy", "position"]), (False, ["energy", "entropy", "position"])]
)
def test_there_is_a_picture_per_question_and_none_of_cues_that_are_not_known(tmp_path, cue, names):
    draw(tmp_path, *measured(heard_of(cue)))
    assert sorted(path.stem for path in tmp_path.iterdir()) == names
    for path in tmp_path.iterdir():
        assert ET.parse(path).getroot().tag.endswith("svg")


def test_utterances_that_are_all_silent_still_make_pictures(tmp_path):
    heard = {f"u{i}": Heard(np.full(40, -100.0), None) for i in range(3)}
    draw(tmp_path, *measured(heard, systems=("mtl-att",)))
    assert (tmp_path / "energy.svg").exists()


def test_pictures_are_the_same_bytes_every_time_and_undated(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        draw(tmp_path / name, *measured(heard_of(True), systems=("mtl-att",)))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
        assert b"dc:date" not in path.read_bytes()
