import pytest

from attune.artifacts.metrics import Metrics
from attune.errors import AttuneError
from attune.kubeflow.gate import check

METRICS = Metrics.parse(
    {
        "loso5": {
            "mtl-att": {
                "test": {
                    "arousal": {
                        "uar": {"value": 0.5, "low": 0.41, "high": 0.6},
                        "ccc": {"value": 0.2, "low": -0.1, "high": 0.4},
                    },
                    "valence": {"uar": {"value": 0.3, "low": None, "high": None}},
                }
            }
        }
    }
)


def reached(minimum):
    return [finding.reached for finding in check(METRICS, "loso5", "mtl-att", minimum)]


def test_the_lower_end_of_the_interval_decides_not_the_value():
    assert reached({"arousal": {"uar": 0.45}}) == [False]
    assert reached({"arousal": {"uar": 0.41}}) == [True]


def test_every_minimum_is_looked_at():
    assert reached({"arousal": {"uar": 0.4, "ccc": 0}}) == [True, False]
    assert reached({}) == []


@pytest.mark.parametrize(
    ("minimum", "message"),
    [
        ({"anger": {"uar": 0.4}}, "'anger' is not a task"),
        ({"arousal": {"mae": 0.4}}, "a minimum is set for uar and ccc only"),
        ({"arousal": 0.4}, "a minimum is set for uar and ccc only"),
        ({"arousal": {"uar": 40}}, "arousal.uar: no score can reach 40"),
        ({"arousal": {"uar": "high"}}, "a minimum must be a number, got 'high'"),
        ({"arousal": {"uar": True}}, "a minimum must be a number"),
        ({"arousal": {"uar": float("nan")}}, "a minimum must be a number"),
        ({"dominance": {"uar": 0.4}}, "'dominance' is not a task"),
        ({"valence": {"uar": 0.4}}, "has no uar of valence"),
    ],
)
def test_a_minimum_that_cannot_be_checked_is_an_error_not_a_pass(minimum, message):
    with pytest.raises(AttuneError, match=message):
        reached(minimum)
