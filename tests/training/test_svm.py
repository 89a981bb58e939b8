"""Fitting the support vector machine, against scikit-learn's own pipeline and by what can be seen at once."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from attune.artifacts.history import COSTS
from attune.errors import AttuneError
from attune.tasks import PAPER
from attune.training import svm


def data(count: int, seed: int, classes=(0, 1, 2)):
    random = np.random.default_rng(seed)
    labels = random.choice(classes, count).astype(np.int64)
    functionals = random.normal(5, 3, (count, 88))
    functionals[:, 0] += 20 * labels
    functionals[:, 1] -= 20 * (labels == 1)
    return functionals, labels


def test_it_predicts_what_scikit_learns_pipeline_predicts_at_the_chosen_c():
    training, development = data(60, 1), data(40, 2)
    machine, history = svm.fit("egemaps-svm", PAPER[0], training, development)
    chosen = max(history, key=lambda record: (record.mean_uar, -record.epoch)).epoch
    theirs = SVC(kernel="linear", C=COSTS[chosen - 1], class_weight="balanced", break_ties=True)
    pipeline = make_pipeline(StandardScaler(), theirs).fit(*training)
    unheard = data(50, 3)[0]
    np.testing.assert_array_equal(machine.decisions(unheard).argmax(1), pipeline.predict(unheard))
    assert len(history) == len(COSTS)


def test_what_can_be_told_apart_is():
    machine, history = svm.fit("egemaps-svm", PAPER[0], data(90, 1), data(40, 2))
    functionals, labels = data(60, 3)
    assert np.mean(machine.decisions(functionals).argmax(1) == labels) > 0.9
    assert max(record.mean_uar for record in history) > 0.9


def test_probabilities_add_up_and_agree_with_the_decision_at_the_temperature_development_likes_best():
    development = data(40, 2)
    machine, _ = svm.fit("egemaps-svm", PAPER[0], data(60, 1), development)
    probabilities = machine.probabilities(development[0])
    np.testing.assert_allclose(probabilities.sum(1), 1)
    np.testing.assert_array_equal(probabilities.argmax(1), machine.decisions(development[0]).argmax(1))
    losses = [svm._loss(machine._replace(temperature=machine.temperature * f), *development) for f in (0.5, 1, 2)]
    assert min(losses) == losses[1]


def test_a_class_that_nobody_in_training_has_is_never_predicted():
    machine, _ = svm.fit("egemaps-svm", PAPER[0], data(60, 1, classes=(0, 2)), data(40, 2))
    decided = machine.decisions(data(80, 3)[0]).argmax(1)
    assert set(decided) == {0, 2}


def test_a_training_partition_of_one_class_is_refused():
    with pytest.raises(AttuneError, match="every utterance of the training partition is middle in valence"):
        svm.fit("egemaps-svm", PAPER[1], data(20, 1, classes=(1,)), data(20, 2))


def test_a_missing_functional_counts_as_the_training_partitions_mean():
    training = data(60, 1)
    machine, _ = svm.fit("egemaps-svm", PAPER[0], training, data(40, 2))
    lacking, usual = training[0][:1].copy(), training[0][:1].copy()
    lacking[0, 5], usual[0, 5] = np.nan, training[0][:, 5].mean()
    np.testing.assert_allclose(machine.decisions(lacking), machine.decisions(usual))
