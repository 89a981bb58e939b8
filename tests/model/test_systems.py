"""The four systems by name."""

import pytest

from attune.errors import AttuneError
from attune.model.systems import SYSTEMS, named
from attune.params import TASKS


def test_the_systems_are_the_papers_four():
    assert {name: (system.attention, list(system.networks)) for name, system in SYSTEMS.items()} == {
        "stl": ("last", list(TASKS)),
        "stl-att": ("dot", list(TASKS)),
        "mtl": ("last", ["joint"]),
        "mtl-att": ("dot", ["joint"]),
    }


def test_a_single_task_network_has_its_own_task_only():
    network = named("stl-att").build("valence", dropout=0.1, seed=1)
    assert network.tasks == ("valence",)
    assert network.attends


def test_an_unknown_system_is_refused_with_the_known_ones():
    with pytest.raises(AttuneError, match=r"mtl_att.*\n.*stl, stl-att, mtl, mtl-att"):
        named("mtl_att")
