"""A bit that has flipped is never used without a word, and never ends in a traceback."""

from collections import Counter

import damage
import pytest

FLIPS = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damage")
    damage.make(folder)
    return folder


@pytest.mark.parametrize("kind", damage.KINDS, ids=lambda kind: kind.file)
def test_a_flipped_bit_is_refused_by_name(folder, kind):
    counts = Counter(damage.outcomes(folder, kind, FLIPS, seed=1))
    assert counts["refused"] + counts["unchanged"] == FLIPS, dict(counts)
    assert counts["refused"] >= FLIPS / 2, "most bits mean something"
