import re

import numpy as np
import pandas as pd
import pytest

from attune.numbers import Score
from attune.report.pictures import scatter


def table(n, seed=1):
    rng = np.random.default_rng(seed)
    rating = np.round(rng.uniform(1, 5, n) * 4) / 4
    return pd.DataFrame({"rating": rating, "score": np.clip(rating + rng.normal(0, 0.5, n), 1, 5)})


def bubbles(picture):
    """Every bubble as (radius, x, y)."""
    paths = re.findall(r'd="([^"]*)" class="bubble" stroke-width="([^"]*)"', picture)
    return [(float(w) / 2, *map(float, xy)) for d, w in paths for xy in re.findall(r"M(\S+) (\S+?)h0", d)]


def test_a_picture_of_a_real_corpus_stays_small():
    assert len(scatter.plot(table(10039), "arousal", None, (1.0, 5.0))) < 20_000


def test_area_stands_for_the_number_of_utterances():
    rows = pd.DataFrame({"rating": [1.0] * 4 + [5.0], "score": [3.0] * 4 + [4.0]})
    (small, *_), (large, *_) = sorted(bubbles(scatter.plot(rows, "arousal", None, (1.0, 5.0))))
    assert large / small == pytest.approx(2, rel=0.01)


def test_right_predictions_lie_on_the_diagonal():
    rows = pd.DataFrame({"rating": [1.0, 2.0, 5.0], "score": [1.0, 2.0, 5.0]})
    found = bubbles(scatter.plot(rows, "arousal", None, (1.0, 5.0)))
    (_, x1, y1), (_, x2, y2), (_, x3, y3) = sorted(found, key=lambda bubble: bubble[1])
    assert (y2 - y1) / (x2 - x1) == pytest.approx((y3 - y1) / (x3 - x1), abs=0.01)
    assert y3 < y1


def test_ratings_outside_the_scale_are_drawn_at_its_edge():
    inside = pd.DataFrame({"rating": [5.0], "score": [3.0]})
    assert bubbles(scatter.plot(inside.assign(rating=5.5), "valence", None, (1.0, 5.0))) == bubbles(
        scatter.plot(inside, "valence", None, (1.0, 5.0))
    )


def test_the_concordance_is_written_beside_its_interval():
    assert "CCC 0.52  (0.44–0.60)" in scatter.plot(table(9), "arousal", Score(0.52, 0.44, 0.6, 9), (1.0, 5.0))
