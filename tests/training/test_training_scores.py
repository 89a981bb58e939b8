"""The stopping score is scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from attune.training.scores import recall


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_recall_is_balanced_accuracy(pairs):
    actual, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    assert recall(actual, predicted) == pytest.approx(balanced_accuracy_score(actual, predicted))
