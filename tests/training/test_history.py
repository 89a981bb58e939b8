"""Which epoch was best, and when to stop."""

from attune.training.history import Epoch, best, finished


def history(*scores: float) -> list[Epoch]:
    return [Epoch("joint", number, 1.0, 1.0, {"arousal": s, "valence": s}) for number, s in enumerate(scores, start=1)]


def test_the_score_is_the_mean_over_tasks():
    assert Epoch("joint", 1, 1.0, 1.0, {"arousal": 0.2, "valence": 0.6}).mean_uar == 0.4


def test_the_best_epoch_is_the_first_of_the_highest():
    assert best(history(0.3, 0.5, 0.5, 0.4)).epoch == 2


def test_training_goes_on_while_there_are_epochs_and_patience():
    assert not finished([], epochs=3, patience=1)
    assert not finished(history(0.3), epochs=3, patience=1)
    assert finished(history(0.3, 0.4, 0.5), epochs=3, patience=1)
    assert not finished(history(0.5, 0.4), epochs=9, patience=2)
    assert finished(history(0.5, 0.4, 0.4), epochs=9, patience=2)
