"""What a version needs follows from its system."""

import pytest

from attune.registry import requirements


@pytest.mark.parametrize(
    ("system", "more"),
    [("mtl-att", set()), ("egemaps-svm", {"opensmile"}), ("lld-rnn", {"opensmile"}), ("ssl-att", {"transformers"})],
)
def test_only_systems_that_need_them_ask_for_opensmile_and_transformers(system, more):
    names = set(requirements.needed(system))
    assert names & {"opensmile", "transformers"} == more
    assert {line.split("==")[0] for line in requirements.pinned(names)} == names
