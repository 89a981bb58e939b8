import json

import numpy as np
import pytest

from attune.corpus.synthetic.cues import anywhere, evenly
from attune.errors import AttuneError
from attune.params import load

SECONDS = 2.0


def drawn(cues, count=4000):
    rng = np.random.default_rng(0)
    return np.array([cues(SECONDS, rng) for _ in range(count)])


def covered(spans):
    """How often each of twenty instants of the utterance lies in the cue."""
    at = (np.arange(20) + 0.5) / 20 * SECONDS
    return ((spans[:, :1] <= at) & (at < spans[:, 1:])).mean(axis=0)


@pytest.mark.parametrize(("low", "high", "expected"), [(0.4, 0.6, 1 / 2), (0.3, 0.4, 1 / 3), (0.2, 0.3, 1 / 4)])
def test_spread_evenly_every_instant_is_as_likely_to_lie_in_the_cue(low, high, expected):
    spans = drawn(evenly(low, high))
    np.testing.assert_allclose(covered(spans), expected, atol=0.035)
    shares = (spans[:, 1] - spans[:, 0]) / SECONDS
    assert shares.min() > low - 1e-3
    assert shares.max() < high + 1e-3
    assert shares.std() > 0.01


def test_anywhere_it_fits_the_middle_is_in_most_cues():
    assert covered(drawn(anywhere(0.4, 0.6)))[10] > 0.9


@pytest.mark.parametrize("low", [0.5, 0.25])
def test_parts_that_leave_no_choice_are_all_alike(low):
    spans = drawn(evenly(low, low), 50)
    np.testing.assert_allclose(spans[:, 1] - spans[:, 0], low * SECONDS, atol=2e-3)


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"cue_length": [0.7, 0.8], "cue_placement": "even"}, "0.4 to 0.6 halves it"),
        ({"cue_length": [0.6, 0.4]}, "the smaller first"),
        ({"cue_length": [0.0, 0.4]}, "from 0.05 to 0.9"),
        ({"defects": ["cracked"]}, "defects"),
        ({"share": 0.0}, "share"),
    ],
)
def test_settings_that_no_corpus_can_have_are_refused_by_name(chosen, says):
    with pytest.raises(AttuneError, match=says):
        load(json.dumps({"corpus": {"synthetic": chosen}}))
