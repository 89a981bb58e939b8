"""The synthetic task must be neither hopeless nor trivial for a listener who does not know the speaker."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from attune.corpus.synthetic import tree
from attune.corpus.synthetic.plan import plan
from attune.settings.corpus import Synthetic
from attune.tasks import PAPER, TASKS

SETTINGS = Synthetic(seed=1, utterances_per_speaker=24)
EDGES = (0, 200, 400, 700, 1000, 1400, 1900, 2500, 3200, 4200, 5500, 8000)


def loudness_by_band(wave):
    """Percentiles over time of the level in a few bands: a listener without a memory."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, 640)[::160] * np.hanning(640)
    power = np.abs(np.fft.rfft(frames, 1024)) ** 2
    hertz = np.fft.rfftfreq(1024, 1 / 16000)
    bands = [power[:, (hertz >= low) & (hertz < high)].sum(axis=1) for low, high in pairwise(EDGES)]
    return np.percentile(10 * np.log10(np.array(bands) + 1e-4), [20, 50, 80, 95], axis=1).ravel()


@pytest.fixture(scope="module")
def turns():
    return plan(SETTINGS)


@pytest.fixture(scope="module")
def heard(turns, tmp_path_factory):
    release = tmp_path_factory.mktemp("difficulty")
    for turn in turns:
        tree.speak(turn, release, SETTINGS)
    files = {path.stem: path for path in release.rglob("*.wav")}
    return np.array([loudness_by_band(soundfile.read(files[turn.slot.utterance])[0]) for turn in turns])


def across_sessions(features, turns, task, strength):
    """UAR of a linear classifier over left-out sessions."""
    classes = PAPER[0].to_class([turn.judgement.label[task] for turn in turns])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, class_weight="balanced", max_iter=2000))
    sessions = [turn.slot.speaker.session for turn in turns]
    predicted = cross_val_predict(model, features, classes, groups=sessions, cv=LeaveOneGroupOut())
    return recall_score(classes, predicted, average="macro")


@pytest.mark.slow
@pytest.mark.parametrize("task", range(3), ids=TASKS)
def test_scores_across_speakers_lie_between_chance_and_what_raters_allow(turns, heard, task):
    felt = np.array([turn.felt for turn in turns])
    ceiling = across_sessions(felt, turns, task, strength=1.0)
    score = across_sessions(heard, turns, task, strength=0.02)
    assert 0.5 < score < 0.8
    assert ceiling > score + 0.05
    assert 0.75 < ceiling < 0.95
