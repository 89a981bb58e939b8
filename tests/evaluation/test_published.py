"""The published table, spot-checked by hand against the paper's."""

from attune.evaluation.published import cells
from attune.tasks import TASKS


def uar(system, partition, task):
    (cell,) = [c for c in cells() if (c.system, c.partition, c.task) == (system, partition, task)]
    return cell.uar


def test_every_system_has_both_partitions_of_every_task_once():
    keys = [(cell.system, cell.partition, cell.task) for cell in cells()]
    systems = {system for system, *_ in keys}
    assert len(systems) == 6
    assert set(keys) == {(s, p, t) for s in systems for p in ("development", "test") for t in TASKS}
    assert len(keys) == len(set(keys))


def test_numbers_are_fractions_in_their_right_places():
    assert uar("mtl-att", "test", "arousal") == 0.485
    assert uar("mtl-att", "development", "valence") == 0.662
    assert uar("mtl", "test", "dominance") == 0.539
    assert uar("egemaps-svm", "development", "dominance") == 0.391
    assert uar("lld-rnn", "test", "valence") == 0.51
    assert uar("stl", "test", "valence") == 0.601
    assert uar("stl-att", "development", "arousal") == 0.465


def test_significance_is_the_papers_own_and_on_its_test_set():
    marked = [(cell.system, cell.partition, cell.task) for cell in cells() if cell.significant_in_paper]
    assert marked == [("mtl-att", "test", "arousal"), ("mtl-att", "test", "valence")]


def test_attention_lowers_the_multi_task_result_on_dominance():
    assert uar("mtl-att", "test", "dominance") < uar("mtl", "test", "dominance")
