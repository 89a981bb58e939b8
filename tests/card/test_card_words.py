"""What a card says of a model's networks and speakers is true of one fold, and of speakers whom nobody named."""

import pandas as pd
import pytest

from attune.card import Facts, markdown
from attune.corpus.origin import Origin
from attune.tasks import Task

ENTRY = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9}
GROUPS = pd.DataFrame(
    {"grouping": by, "group": "a", "task": "calm", "score": "uar", **ENTRY} for by in ("gender", "speaker")
)


def written(folds=("test",), *, speakers_known=True):
    return markdown(
        Facts(
            system="mtl",
            protocol="given",
            folds=folds,
            origin=Origin("mine", "mine", synthetic=False, speakers_known=speakers_known),
            confidence=0.95,
            scores={"calm": {"uar": ENTRY}},
            groups=GROUPS,
            findings=[],
            commit=None,
            clean=True,
            tasks=(Task("calm"),),
        )
    )


def test_one_model_is_no_mean_and_has_the_test_that_the_card_shows():
    assert "`mtl`: the model of one fold." in written()
    assert "waveform" not in written()
    assert "no held-out test" not in written()
    several = written(("a", "b"))
    assert "`mtl`: the mean of 2 folds." in several
    assert "This model is the mean of those of the folds, which itself has no held-out test" in several


@pytest.mark.parametrize("known", [True, False])
def test_speakers_whom_nobody_named_are_no_groups(known):
    text = written(speakers_known=known)
    assert ("| speaker | a |" in text) == known
    assert "| gender | a |" in text
