"""Tables that are kept: made once, made again where they are damaged or of something else, removed at the end."""

import pandas as pd
import pytest

from attune.steps.probing.probes_kept import keeping

TABLE = pd.DataFrame({"utterance": ["a", "b"], "value": [0.1 + 0.2, float("nan")]})


def interrupted(folder, facts, made):
    def make():
        made.append(1)
        return TABLE

    with pytest.raises(KeyboardInterrupt), keeping(folder, facts) as kept:
        pd.testing.assert_frame_equal(kept.table("one", make), TABLE)
        raise KeyboardInterrupt


def test_a_table_is_made_once_and_again_where_something_else_was_asked_for(tmp_path):
    made = []
    for facts in ({"seed": 1}, {"seed": 1}, {"seed": 2}):
        interrupted(tmp_path, facts, made)
    assert len(made) == 2


def test_what_was_damaged_is_made_again(tmp_path):
    made = []
    interrupted(tmp_path, {}, made)
    (path,) = tmp_path.rglob("one.table")
    for content in (path.read_bytes()[:-1], b"", b"\0" * 4000):
        path.write_bytes(content)
        interrupted(tmp_path, {}, made)
    assert len(made) == 4


def test_nothing_is_left_where_all_went_well(tmp_path):
    with keeping(tmp_path, {}) as kept:
        kept.table("one", lambda: TABLE)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
