"""Killed at a random moment and run again, a step leaves what an undisturbed run leaves, and nothing else."""

import kills
import pytest

pytestmark = pytest.mark.slow

KILLS = 3


@pytest.mark.parametrize("step", kills.STEPS)
def test_a_killed_step_run_again_leaves_the_same_bytes_and_nothing_beside_them(tmp_path, step):
    assert list(kills.outcomes(tmp_path, step, KILLS, seed=1)) == ["same"] * KILLS
