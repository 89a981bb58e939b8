"""Versions of systems on features answer to recordings like others, and name what they need."""

import mlflow
import needs
import numpy as np
import pandas as pd
import pytest
from registry_samples import FOLDS, RATE, voice, write_model

from attune.features import kinds
from attune.features.smile import COUNTS, DESCRIPTORS, FUNCTIONALS
from attune.model import bundle
from attune.registry import package
from attune.tasks import PAPER, TASKS
from attune.training import svm

pytestmark = pytest.mark.slow

WAVE = voice(0.5)


def write_machines(folder, fold, seed):
    """Support vector machines fitted to noise."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    functionals = random.normal(size=(30, COUNTS[FUNCTIONALS]))
    classes = {task: random.permutation(np.repeat([0, 1, 2], 10)) for task in TASKS}
    fitted = svm.fit_all("egemaps-svm", PAPER, (functionals, classes), (functionals, classes))
    states = {task: machine.state() for task, (machine, _) in fitted.items()}
    values = {task: [1.5, 3.0, 4.5] for task in TASKS}
    best = dict.fromkeys(TASKS, 1)
    bundle.save(folder, bundle.Description("loso5", "egemaps-svm", fold, 0.0, 1.0, values, seed, best), states)


@pytest.fixture(scope="module", params=["egemaps-svm", "lld-rnn"])
def saved(request, tmp_path_factory):
    needs.package("opensmile")
    root = tmp_path_factory.mktemp(request.param)
    for number, fold in enumerate(FOLDS):
        if request.param == "egemaps-svm":
            write_machines(root / fold, fold, number)
        else:
            write_model(root / fold, request.param, fold, seed=number)
    with package.arguments({fold: root / fold for fold in FOLDS}) as arguments:
        mlflow.pyfunc.save_model(root / "model", **arguments)
    return root


def test_a_version_answers_to_a_recording_with_the_mean_of_its_folds(saved):
    model = mlflow.pyfunc.load_model(str(saved / "model"))
    row = model.predict(pd.DataFrame({"samples": [WAVE.tolist()], "rate": [RATE]})).iloc[0]
    members = [bundle.load(saved / fold).predict([WAVE])[0] for fold in FOLDS]
    for task in TASKS:
        assert row[task] == pytest.approx(np.mean([member.scores[task] for member in members]), abs=1e-5)
        assert row[[f"{task}_{name}" for name in ("low", "middle", "high")]].sum() == pytest.approx(1)


def test_a_recording_is_measured_as_its_system_says(tmp_path, monkeypatch):
    frames = np.random.default_rng(1).normal(size=(4, COUNTS[DESCRIPTORS])).astype(np.float32)
    monkeypatch.setattr(kinds, "measured", lambda name: kinds.Kind(name, "", frames.shape[1:], lambda wave: frames))
    write_model(tmp_path / "fold", "lld-rnn", FOLDS[0], seed=0)
    model = bundle.load(tmp_path / "fold")
    assert model.predict([WAVE])[0].scores == model.predict_features([frames], [len(WAVE)])[0].scores


def test_a_version_names_opensmile_among_what_it_needs(saved):
    assert "opensmile==" in (saved / "model/requirements.txt").read_text()
