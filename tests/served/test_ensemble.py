"""Networks answer together only where they are of one kind."""

import pytest
from registry_samples import write_model

from attune.errors import AttuneError
from attune.model.form import PAPERS, Form
from attune.served import ensemble

STRANGERS = {
    "system": ("stl", PAPERS),
    "front end": ("mtl-att", Form(front_end="strided")),
    "direction": ("mtl-att", Form(direction="bidirectional")),
    "objective": ("mtl-att", Form(objective="values")),
}


@pytest.mark.parametrize(("system", "form"), STRANGERS.values(), ids=STRANGERS)
def test_a_fold_of_another_kind_is_refused_by_name(tmp_path, system, form):
    write_model(tmp_path / "session1", "mtl-att", "session1", seed=1)
    write_model(tmp_path / "session2", system, "session2", seed=1, form=form)
    with pytest.raises(AttuneError, match=r"session2: is of another .* than session1") as refused:
        ensemble.load(tmp_path)
    assert "Retrain all folds" in str(refused.value)


def test_a_device_that_is_not_there_is_named(tmp_path):
    with pytest.raises(AttuneError, match="torch cannot use 'cuda:99' here"):
        ensemble.load(tmp_path, "cuda:99")


def test_an_empty_folder_is_said_to_be_empty(tmp_path):
    with pytest.raises(AttuneError, match="contains no model"):
        ensemble.load(tmp_path)
