"""The systems by name."""

from typing import get_args

import pytest

from attune.errors import AttuneError
from attune.model.attention import ATTENTIONS
from attune.model.systems import SYSTEMS, named
from attune.params import AnySystem, System
from attune.tasks import TASKS

PAPERS = {
    "stl": ("last", list(TASKS)),
    "stl-att": ("dot", list(TASKS)),
    "mtl": ("last", ["joint"]),
    "mtl-att": ("dot", ["joint"]),
}


def test_the_papers_four_systems_are_there_under_its_names():
    found = {name: (system.attention, list(system.networks)) for name, system in SYSTEMS.items() if name in PAPERS}
    assert found == PAPERS


def test_every_attention_makes_a_single_and_a_multi_task_system():
    for kind in ("stl", "mtl"):
        assert {one.attention for name, one in SYSTEMS.items() if name.startswith(kind)} == set(ATTENTIONS)
    assert SYSTEMS["mtl-additive"].attention == "additive"


def test_the_parameters_name_every_system():
    assert set(get_args(System)) >= set(SYSTEMS)


def test_a_single_task_network_has_its_own_task_only():
    network = named("stl-att").build("valence", dropout=0.1, seed=1)
    assert network.tasks == ("valence",)
    assert network.attends


def test_an_unknown_system_is_refused_with_the_known_ones():
    with pytest.raises(AttuneError, match=r"mtl_att") as error:
        named("mtl_att")
    told = str(error.value).partition("The systems are ")[2].rstrip(".").split(", ")
    assert sorted(told) == sorted(set(get_args(AnySystem)) - {"imported"})
